// SPDX-License-Identifier: Apache-2.0
//
// wanted_table.hpp: what plugins want of the files of a batch, each different answer once: nearly
// all files of a layer have one of a few, and one can be a hundred subscriptions long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lane/lane_numbers.hpp"
#include "plugin/matcher.hpp"

namespace meridian::lane {

class WantedTable {
 public:
  static constexpr std::uint32_t kNothing = 0xffffffff;

  /// The place of what this lane's plugins want of `wanted` (in the scan's numbers).
  std::uint32_t add(const std::shared_ptr<const plugin::Wanted>& wanted,
                    const LaneNumbers& numbers);
  /// About what the entry takes in a frame.
  std::size_t bytes(std::uint32_t place) const {
    return 16 + 8 * (entries_[place].files.size() + entries_[place].patterns.size());
  }
  std::size_t size() const { return entries_.size(); }
  /// All of them, in the lane's numbers; the table is empty again.
  std::vector<plugin::Wanted> take();

 private:
  struct Seen {
    std::shared_ptr<const plugin::Wanted> wanted;
    std::uint32_t place;
  };
  std::vector<Seen> seen_;  // few: the latest is the likeliest
  std::vector<plugin::Wanted> entries_;
};

}  // namespace meridian::lane
