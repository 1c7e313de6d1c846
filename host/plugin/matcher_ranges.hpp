// SPDX-License-Identifier: Apache-2.0
//
// matcher_ranges.hpp: the shared pass over a large file by several threads, a range each. Private
// to the matcher.
//
// What is found does not depend on the division: each range is searched from the longest match
// before it to the look-ahead behind it, and only ends in it are taken. Expressions without a
// longest match have a pass of their own over the whole file. The ends are located afterwards, in
// order, by one thread.
#pragma once

#include <cstdint>

#include "plugin/matcher_pass.hpp"

namespace meridian::plugin {

struct RangeJob {
  const MatcherTables& tables;
  const PassChoice& choice;
  rootfs::Content& content;
  std::uint64_t range = 0;  // bytes; of whole blocks of LineTable
  std::size_t piece = 0;    // read and searched at once
  bool count_lines = false;
};

/// With `searchers` threads beside this one, fewer if no more can be started; `content` gives
/// others. Adds to `ends`, and to `lines` if they are to be counted. False: one thread is to search
/// it, as it cannot be read by two, is shorter than it says, so that its end is in no range, or has
/// ends beyond any use; nothing was added, as with an error.
Result<bool> search_ranges(const RangeJob& job, unsigned searchers, EndCollector& ends,
                           LineTable& lines);

}  // namespace meridian::plugin
