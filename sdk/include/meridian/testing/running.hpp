// SPDX-License-Identifier: Apache-2.0
//
// running.hpp: processes of a test's container. ../abi/process.h says what each number and text
// means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "../abi/process.h"
#include "../text.hpp"

namespace meridian::testing {

struct RunningNamespace {
  std::string type;
  std::uint64_t inode = 0;
  std::optional<bool> of_host = std::nullopt;
};
struct RunningFile {
  std::uint32_t descriptor = 0;
  std::string target;
  bool deleted = false;
};
struct RunningSocket {
  std::string protocol, address;
  std::uint16_t port = 0;
};

/// {.pid = 4242, .inside_pid = 1, .arguments = {"nginx"}, .listening = {{{"tcp", "0.0.0.0", 80}}}}
struct Running {
  std::int64_t pid = 1;
  std::int64_t inside_pid = 0, parent = 0;
  std::uint64_t start_time = 0;
  std::uint32_t uid = 0, gid = 0;
  std::string name = {};
  std::vector<std::string> arguments = {};
  std::string executable = {};
  bool executable_deleted = false;
  std::vector<std::string> effective = {}, permitted = {}, inheritable = {}, bounding = {},
                           ambient = {};
  std::vector<RunningNamespace> namespaces = {};
  /// nullopt: as if they could not be seen.
  std::optional<std::vector<RunningFile>> open_files = std::vector<RunningFile>{};
  std::optional<std::vector<RunningSocket>> listening = std::vector<RunningSocket>{};
};

/// Lends them in the shape of the tables; neither copied nor moved while lent.
class LentProcesses {
 public:
  explicit LentProcesses(const std::vector<Running>& processes) {
    for (const Running& process : processes) add(process);
  }
  LentProcesses(const LentProcesses&) = delete;
  LentProcesses& operator=(const LentProcesses&) = delete;
  ~LentProcesses() = default;
  meridian_processes get() const {
    return {processes_.pointers.data(), processes_.pointers.size()};
  }

 private:
  template <typename Record>
  struct List {
    std::deque<Record> records;
    std::vector<const Record*> pointers;
    void add(const Record& record) { pointers.push_back(&records.emplace_back(record)); }
  };
  struct Lists {
    List<meridian_process_namespace> namespaces;
    List<meridian_open_file> open_files;
    List<meridian_listening_socket> listening;
  };

  meridian_strings keep(const std::vector<std::string>& texts) {
    return texts_.emplace_back(texts).get();
  }

  void add(const Running& from) {
    Lists& lists = lists_.emplace_back();
    for (const RunningNamespace& one : from.namespaces) {
      const std::int32_t of_host = one.of_host ? (*one.of_host ? 1 : 0) : -1;
      lists.namespaces.add(
          {sizeof(meridian_process_namespace), of_host, lend(one.type), one.inode});
    }
    if (from.open_files) {
      for (const RunningFile& file : *from.open_files) {
        lists.open_files.add({sizeof(meridian_open_file), file.descriptor, file.deleted ? 1u : 0u,
                              0, lend(file.target)});
      }
    }
    if (from.listening) {
      for (const RunningSocket& socket : *from.listening) {
        lists.listening.add({sizeof(meridian_listening_socket), socket.port, lend(socket.protocol),
                             lend(socket.address)});
      }
    }
    meridian_process record{};
    record.struct_size = sizeof record;
    record.flags = (from.executable_deleted ? MERIDIAN_PROCESS_EXECUTABLE_DELETED : 0u) |
                   (from.open_files ? MERIDIAN_PROCESS_OPEN_FILES_SEEN : 0u) |
                   (from.listening ? MERIDIAN_PROCESS_LISTENING_SEEN : 0u);
    record.pid = from.pid;
    record.inside_pid = from.inside_pid;
    record.parent = from.parent;
    record.start_time = from.start_time;
    record.uid = from.uid;
    record.gid = from.gid;
    record.name = lend(from.name);
    record.arguments = keep(from.arguments);
    record.executable = lend(from.executable);
    record.effective = keep(from.effective);
    record.permitted = keep(from.permitted);
    record.inheritable = keep(from.inheritable);
    record.bounding = keep(from.bounding);
    record.ambient = keep(from.ambient);
    record.namespaces = lists.namespaces.pointers.data();
    record.namespace_count = lists.namespaces.pointers.size();
    record.open_files = lists.open_files.pointers.data();
    record.open_file_count = lists.open_files.pointers.size();
    record.listening = lists.listening.pointers.data();
    record.listening_count = lists.listening.pointers.size();
    processes_.add(record);
  }

  std::deque<LentStrings> texts_;
  std::deque<Lists> lists_;
  List<meridian_process> processes_;
};

}  // namespace meridian::testing
