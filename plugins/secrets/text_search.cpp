// SPDX-License-Identifier: Apache-2.0
#include "text_search.hpp"

#include <algorithm>
#include <utility>

namespace meridian::secrets {

TextSearch::TextSearch(const Judge& judge, Scratch& scratch, const Place& place, Found found)
    : judge_(judge), scratch_(scratch), place_(place), found_(std::move(found)) {}

Result<void> TextSearch::add(std::string_view bytes) {
  Result<void> result;
  while (!bytes.empty()) {
    const std::size_t room = std::min(bytes.size(), kWindow - window_.size());
    window_.append(bytes.substr(0, room));
    bytes.remove_prefix(room);
    if (window_.size() < kWindow) break;
    auto searched = search(kWindow - kAround);
    if (!searched && result) result = std::move(searched);
    const std::size_t passed = kWindow - 2 * kAround;
    advance(passed);
    window_.erase(0, passed);
    base_ += passed;
    from_ -= passed;
    counted_ -= passed;
  }
  return result;
}

Result<void> TextSearch::finish() { return search(window_.size()); }

Result<void> TextSearch::search(std::size_t to) {
  const std::size_t from = std::exchange(from_, to);
  MERIDIAN_TRY(std::vector<Hit> hits, judge_.search(window_, place_, from, to, scratch_));
  for (Hit& hit : hits) {
    advance(hit.begin);
    const std::uint64_t offset = base_ + hit.begin;
    found_({std::move(hit), line_, offset - line_start_ + 1, offset});
  }
  return {};
}

// Counts lines up to `to`, which never falls.
void TextSearch::advance(std::size_t to) {
  while (counted_ < to) {
    const std::size_t at = window_.find('\n', counted_);
    if (at >= to) break;
    ++line_;
    line_start_ = base_ + at + 1;
    counted_ = at + 1;
  }
  counted_ = std::max(counted_, to);
}

}  // namespace meridian::secrets
