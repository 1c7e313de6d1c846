// SPDX-License-Identifier: Apache-2.0
//
// processes_view.hpp: a container's processes as plugins see them (abi/process.h).
#pragma once

#include <deque>
#include <vector>

#include "meridian/abi/process.h"
#include "model/process.hpp"
#include "plugin/record_list.hpp"

namespace meridian::plugin {

class ProcessesView {
 public:
  /// `processes` outlives it.
  explicit ProcessesView(const std::vector<model::Process>& processes);
  ProcessesView(const ProcessesView&) = delete;
  ProcessesView& operator=(const ProcessesView&) = delete;
  ~ProcessesView() = default;

  meridian_processes list() const {
    return {processes_.pointers.data(), processes_.pointers.size()};
  }

 private:
  struct Lists {
    RecordList<meridian_process_namespace> namespaces;
    RecordList<meridian_open_file> open_files;
    RecordList<meridian_listening_socket> listening;
  };

  void add(const model::Process& process);

  TextLists texts_;
  std::deque<Lists> lists_;  // one for each process
  RecordList<meridian_process> processes_;
};

}  // namespace meridian::plugin
