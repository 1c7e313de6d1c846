// SPDX-License-Identifier: Apache-2.0
//
// content.hpp: what is found of a test's layers. ../abi/content.h says what each text means.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "../content.hpp"
#include "../text.hpp"

namespace meridian::testing {

/// {.state = ContentState::kChanged, .differences = {{"etc/passwd", "mode"}}}
struct Content {
  ContentState state = ContentState::kIntact;
  std::string reason = {}, expected = {}, computed = {};
  std::vector<std::pair<std::string, std::string>> differences = {};  // path, what
  std::uint64_t total = differences.size();
};

/// Lends them in the shape of the tables; neither copied nor moved while lent.
class LentContents {
 public:
  explicit LentContents(const std::vector<Content>& all) {
    for (const Content& one : all) add(one);
  }
  LentContents(const LentContents&) = delete;
  LentContents& operator=(const LentContents&) = delete;
  ~LentContents() = default;
  const meridian_content_check* data() const { return records_.data(); }
  std::uint64_t size() const { return records_.size(); }

 private:
  void add(const Content& from) {
    auto& differences = differences_.emplace_back();
    auto& pointers = pointers_.emplace_back();
    for (const auto& [path, what] : from.differences) {
      pointers.push_back(&differences.emplace_back(meridian_content_difference{
          sizeof(meridian_content_difference), 0, lend(path), lend(what)}));
    }
    records_.push_back({sizeof(meridian_content_check),
                        static_cast<meridian_content_state>(from.state),
                        MERIDIAN_PROBLEM_MISSING_DATA, 0, lend(from.reason), lend(from.expected),
                        lend(from.computed), pointers.data(), pointers.size(), from.total});
  }

  std::deque<std::deque<meridian_content_difference>> differences_;
  std::deque<std::vector<const meridian_content_difference*>> pointers_;
  std::vector<meridian_content_check> records_;
};

}  // namespace meridian::testing
