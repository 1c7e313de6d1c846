// SPDX-License-Identifier: Apache-2.0
#include "plugin/content_view.hpp"

#include <utility>

#include "meridian/failure.hpp"
#include "meridian/text.hpp"

namespace meridian::plugin {
namespace {

meridian_content_state state_of(model::ContentState state) {
  switch (state) {
    case model::ContentState::kNothing:
      return MERIDIAN_CONTENT_NOTHING;
    case model::ContentState::kIntact:
      return MERIDIAN_CONTENT_INTACT;
    case model::ContentState::kChanged:
      return MERIDIAN_CONTENT_CHANGED;
    case model::ContentState::kUnknown:
      break;
  }
  return MERIDIAN_CONTENT_UNKNOWN;
}

}  // namespace

ContentView::ContentView(model::ContentCheck check) : check_(std::move(check)) {
  record_.struct_size = sizeof record_;
  record_.state = state_of(check_.state);
  if (check_.reason) {
    record_.problem = Failure::problem_of(check_.reason->code());
    record_.reason = lend(check_.reason->message());
  }
  record_.expected = lend(check_.expected);
  record_.computed = lend(check_.computed);
  for (const model::ContentDifference& one : check_.differences) {
    meridian_content_difference record{};
    record.path = lend(one.path);
    record.what = lend(one.what);
    differences_.add(record);
  }
  record_.differences = differences_.pointers.data();
  record_.difference_count = differences_.pointers.size();
  record_.total = check_.difference_count;
}

}  // namespace meridian::plugin
