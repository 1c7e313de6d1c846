// SPDX-License-Identifier: Apache-2.0
//
// database_shelf.hpp: compiled patterns from one start to the next, the widths of expressions, and
// what plugins keep for themselves. Compiling takes a tenth of a second for fifty patterns, taking
// one up again none.
//
// A database runs inside the matcher, and Hyperscan guards itself against accidents only (version,
// processor, a checksum): what comes here must have been kept where nobody else writes.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plugin/kept_bytes.hpp"
#include "plugin/pattern_database.hpp"

namespace meridian::plugin {

/// Serialised databases by what they were made of. Any bytes: what is no database is not taken.
using KeptDatabases = std::vector<std::pair<std::string, std::string>>;

class DatabaseShelf {
 public:
  /// What was kept of the widths of expressions is known from here on (ExpressionWidths).
  explicit DatabaseShelf(KeptDatabases kept);
  /// The one that was kept, or a new one; errors as of compile_database().
  Result<Database> get(const std::vector<DatabaseEntry>& entries, unsigned mode);
  /// What the plugin kept, and what is to be kept of it now.
  KeptBytes of_plugin(const std::string& id) const;
  void keep(const std::string& id, KeptBytes bytes);
  /// All that get() and keep() were given, and the widths that are known, if anything was new; else
  /// nothing.
  KeptDatabases take_changed();
  /// Of those that get() gave.
  std::size_t compiled() const { return compiled_; }
  std::size_t taken_up() const { return taken_up_; }

 private:
  KeptDatabases kept_, used_;
  std::size_t compiled_ = 0, taken_up_ = 0;
  bool changed_ = false, has_widths_ = false;
  std::size_t asked_before_ = 0;  // of Hyperscan for widths
};

}  // namespace meridian::plugin
