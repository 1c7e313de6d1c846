// SPDX-License-Identifier: Apache-2.0
//
// isolation_view.hpp: kernel boundaries as plugins see them (abi/isolation.h).
#pragma once

#include <deque>

#include "meridian/abi/isolation.h"
#include "model/kernel_boundary.hpp"
#include "plugin/record_list.hpp"

namespace meridian::plugin {

/// Records of some boundaries, each of which outlives it.
class IsolationView {
 public:
  IsolationView() = default;
  IsolationView(const IsolationView&) = delete;
  IsolationView& operator=(const IsolationView&) = delete;
  ~IsolationView() = default;

  void add(const model::KernelBoundary& boundary);
  const meridian_isolation* const* data() const { return records_.pointers.data(); }
  std::size_t size() const { return records_.pointers.size(); }

 private:
  TextLists texts_;
  std::deque<RecordList<meridian_runtime_setting>> settings_;
  RecordList<meridian_isolation> records_;
};

}  // namespace meridian::plugin
