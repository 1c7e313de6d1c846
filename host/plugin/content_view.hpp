// SPDX-License-Identifier: Apache-2.0
//
// content_view.hpp: what a look at a layer found, as plugins see it (abi/content.h).
#pragma once

#include "meridian/abi/content.h"
#include "model/content_check.hpp"
#include "plugin/record_list.hpp"

namespace meridian::plugin {

class ContentView {
 public:
  explicit ContentView(model::ContentCheck check);
  ContentView(const ContentView&) = delete;
  ContentView& operator=(const ContentView&) = delete;
  ~ContentView() = default;

  const meridian_content_check& record() const { return record_; }

 private:
  const model::ContentCheck check_;
  RecordList<meridian_content_difference> differences_;
  meridian_content_check record_{};
};

}  // namespace meridian::plugin
