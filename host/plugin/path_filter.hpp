// SPDX-License-Identifier: Apache-2.0
//
// path_filter.hpp: does a file filter want this path, mode and size? Compiled once, asked per file.
#pragma once

#include <string_view>
#include <vector>

#include "plugin/loaded_plugin.hpp"
#include "rootfs/tree.hpp"

namespace meridian::plugin {

/// One glob: '*' and '?' stay inside a part, "[a-z]" and "[!a-z]", "**" crosses parts, '\' quotes.
/// Linear time for any text (no backtracking blow-up).
class Glob {
 public:
  static Result<Glob> parse(std::string_view pattern);  // kInvalid with the place of the mistake
  bool matches(std::string_view path) const;

 private:
  struct Token;
  std::vector<Token> tokens_;

 public:
  Glob();
  Glob(const Glob&);
  Glob(Glob&&) noexcept;
  Glob& operator=(Glob&&) noexcept;
  ~Glob();
};

class PathFilter {
 public:
  static Result<PathFilter> compile(const FileFilter& filter);
  /// Everything but magic, which needs the first bytes.
  bool wants(std::string_view path, const rootfs::Stat& stat) const;

 private:
  std::vector<Glob> paths_, names_, exclude_;
  std::uint32_t mode_any_ = 0;
  std::uint64_t min_size_ = 0, max_size_ = 0;
};

}  // namespace meridian::plugin
