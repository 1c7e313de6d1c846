// SPDX-License-Identifier: Apache-2.0
//
// matcher_tables.hpp: what Matcher::compile() made, as scanners read it. Private to the matcher.
#pragma once

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
  std::uint32_t context = 0;
};

/// One set of expressions for files in one piece and for larger ones.
struct SharedDatabase {
  Database block, stream;
};

struct MatcherTables {
  std::vector<SharedFilter> filters;
  std::vector<std::vector<std::uint32_t>> files;                // [plugin][index] -> filter
  std::vector<std::vector<PatternTarget>> patterns;             // [plugin][index]
  std::vector<std::unique_ptr<LocatedExpression>> expressions;  // distinct; ids in the databases
  SharedDatabase every;                                         // all expressions, for text
  SharedDatabase binary;  // those that also want binary files; empty if nobody or everybody does
  bool all_binary = false;

  const PatternTarget& pattern(SubscriptionRef ref) const {
    return patterns[ref.plugin][ref.index];
  }
  const SharedFilter& filter_of_file(SubscriptionRef ref) const {
    return filters[files[ref.plugin][ref.index]];
  }
};

Result<std::unique_ptr<Matcher::Scanner>> make_scanner(const MatcherTables& tables,
                                                       std::size_t chunk);

}  // namespace meridian::plugin
