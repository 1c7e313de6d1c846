// SPDX-License-Identifier: Apache-2.0
//
// matcher_tables.hpp: what Matcher::compile() made, as scanners read it. Private to the matcher.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "plugin/locate.hpp"
#include "plugin/matcher.hpp"
#include "plugin/path_filter.hpp"

namespace meridian::plugin {

/// Subscriptions with equal conditions share one filter: it is asked once a file.
struct SharedFilter {
  PathFilter path;
  std::vector<std::string> magic;
  std::vector<SubscriptionRef> files, patterns;

  bool starts_right(std::string_view head) const;
};

struct PatternTarget {
  std::uint32_t filter = 0;
  std::uint32_t expression = 0;
  bool binary = false;
  bool magic = false;   // the filter has leading bytes
  bool narrow = false;  // its expression is among MatcherTables::narrow
  bool runs = false;    // and among MatcherTables::runs
  std::uint32_t context = 0;
};

/// The database for files of more than one piece. Compiled when the first such file comes: it costs
/// as much as the one for whole files, and most scans meet few; unless it comes from a shelf.
class StreamDatabase {
 public:
  /// `entries` borrow their expressions, which outlive this.
  explicit StreamDatabase(std::vector<DatabaseEntry> entries) : entries_(std::move(entries)) {}
  explicit StreamDatabase(Database made) : database_(std::move(made)) {}
  /// From any thread.
  Result<const hs_database_t*> get() const;

 private:
  std::vector<DatabaseEntry> entries_;
  mutable std::once_flag compiled_;
  mutable Result<Database> database_{Database()};
};

/// One set of expressions for files in one piece and for larger ones; null without expressions.
struct SharedDatabase {
  Database block;
  std::unique_ptr<StreamDatabase> stream;
};

struct MatcherTables {
  std::vector<SharedFilter> filters;
  std::vector<std::vector<std::uint32_t>> files;                // [plugin][index] -> filter
  std::vector<std::vector<PatternTarget>> patterns;             // [plugin][index]
  std::vector<std::unique_ptr<LocatedExpression>> expressions;  // distinct; ids in the databases
  /// Text is searched by the first, where somebody asks for one of its expressions by the second
  /// too: a pattern that wants `**/config/master.key` alone costs no other file anything.
  SharedDatabase wide;    // expressions that any file may be asked for
  SharedDatabase narrow;  // those that every subscriber wants by path, name or leading bytes
  /// Of both, those that also want binary files. What can match in printable runs alone is looked
  /// for there (printable_runs.hpp), the others in every byte.
  SharedDatabase runs, binary;
  SharedDatabase unbounded;  // those of all without a longest match, for files in ranges; no block
  bool all_binary = false;   // all are of the last kind: `wide` and `narrow` take its place

  const PatternTarget& pattern(SubscriptionRef ref) const {
    return patterns[ref.plugin][ref.index];
  }
  const SharedFilter& filter_of_file(SubscriptionRef ref) const {
    return filters[files[ref.plugin][ref.index]];
  }
};

Result<std::unique_ptr<Matcher::Scanner>> make_scanner(const MatcherTables& tables,
                                                       std::size_t chunk, std::uint64_t range);

}  // namespace meridian::plugin
