// SPDX-License-Identifier: Apache-2.0
#include "lane/wanted_table.hpp"

#include <algorithm>
#include <utility>

namespace meridian::lane {

std::uint32_t WantedTable::add(const std::shared_ptr<const plugin::Wanted>& wanted,
                               const LaneNumbers& numbers) {
  constexpr std::size_t kSeen = 16;
  for (std::size_t i = seen_.size(); i-- > 0;) {
    const Seen& seen = seen_[i];
    if (seen.wanted == wanted || *seen.wanted == *wanted) {
      const std::uint32_t place = seen.place;
      std::rotate(seen_.begin() + static_cast<std::ptrdiff_t>(i),
                  seen_.begin() + static_cast<std::ptrdiff_t>(i) + 1, seen_.end());
      return place;
    }
  }
  plugin::Wanted ours = numbers.part_of(*wanted);
  auto place = kNothing;
  if (!ours.nothing()) {
    place = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back(std::move(ours));
  }
  if (seen_.size() == kSeen) seen_.erase(seen_.begin());
  seen_.push_back({wanted, place});
  return place;
}

std::vector<plugin::Wanted> WantedTable::take() {
  seen_.clear();
  return std::exchange(entries_, {});
}

}  // namespace meridian::lane
