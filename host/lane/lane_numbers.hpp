// SPDX-License-Identifier: Apache-2.0
//
// lane_numbers.hpp: a plugin's number in the scan, and in its lane.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "plugin/matcher.hpp"

namespace meridian::lane {

class LaneNumbers {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  LaneNumbers() = default;
  /// `scan_numbers[i]`: of the lane's plugin i, all below `plugins_of_scan`.
  LaneNumbers(std::vector<std::uint32_t> scan_numbers, std::size_t plugins_of_scan)
      : scan_numbers_(std::move(scan_numbers)), lane_numbers_(plugins_of_scan, kNone) {
    for (std::uint32_t i = 0; i < scan_numbers_.size(); ++i) lane_numbers_[scan_numbers_[i]] = i;
  }

  std::uint32_t count() const { return static_cast<std::uint32_t>(scan_numbers_.size()); }
  std::uint32_t in_scan(std::uint32_t lane_number) const { return scan_numbers_[lane_number]; }
  /// kNone: another lane's.
  std::uint32_t in_lane(std::uint32_t scan_number) const { return lane_numbers_[scan_number]; }

  /// What plugins of this lane want, in the lane's numbers.
  plugin::Wanted part_of(const plugin::Wanted& wanted) const {
    return {part_of(wanted.files), part_of(wanted.patterns)};
  }

 private:
  using Refs = std::vector<plugin::SubscriptionRef>;
  Refs part_of(const Refs& all) const {
    Refs part;
    for (const plugin::SubscriptionRef& ref : all) {
      const std::uint32_t number = in_lane(ref.plugin);
      if (number != kNone) part.push_back({number, ref.index});
    }
    return part;
  }

  std::vector<std::uint32_t> scan_numbers_, lane_numbers_;
};

}  // namespace meridian::lane
