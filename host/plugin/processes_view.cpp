// SPDX-License-Identifier: Apache-2.0
#include "plugin/processes_view.hpp"

#include <optional>

#include "meridian/text.hpp"

namespace meridian::plugin {
namespace {

std::int32_t number_of(std::optional<bool> yes) {
  if (!yes) return -1;
  return *yes ? 1 : 0;
}

std::uint32_t flags_of(const model::Process& of) {
  return (of.executable_deleted ? MERIDIAN_PROCESS_EXECUTABLE_DELETED : 0U) |
         (of.open_files ? MERIDIAN_PROCESS_OPEN_FILES_SEEN : 0U) |
         (of.listening ? MERIDIAN_PROCESS_LISTENING_SEEN : 0U);
}

void fill(const model::Process& of, RecordList<meridian_process_namespace>& to) {
  for (const model::ProcessNamespace& one : of.namespaces) {
    meridian_process_namespace record{};
    record.of_host = number_of(one.of_host);
    record.type = lend(one.type);
    record.inode = one.inode;
    to.add(record);
  }
}

void fill(const model::Process& of, RecordList<meridian_open_file>& to) {
  if (!of.open_files) return;
  for (const model::OpenFile& file : *of.open_files) {
    meridian_open_file record{};
    record.descriptor = file.descriptor;
    record.deleted = file.deleted ? 1 : 0;
    record.target = lend(file.target);
    to.add(record);
  }
}

void fill(const model::Process& of, RecordList<meridian_listening_socket>& to) {
  if (!of.listening) return;
  for (const model::ListeningSocket& socket : *of.listening) {
    meridian_listening_socket record{};
    record.port = socket.port;
    record.protocol = lend(socket.protocol);
    record.address = lend(socket.address);
    to.add(record);
  }
}

}  // namespace

ProcessesView::ProcessesView(const std::vector<model::Process>& processes) {
  for (const model::Process& process : processes) add(process);
}

void ProcessesView::add(const model::Process& process) {
  Lists& lists = lists_.emplace_back();
  fill(process, lists.namespaces);
  fill(process, lists.open_files);
  fill(process, lists.listening);
  meridian_process record{};
  record.flags = flags_of(process);
  record.pid = process.pid;
  record.inside_pid = process.inside_pid;
  record.parent = process.parent;
  record.start_time = process.start_time;
  record.uid = process.uid;
  record.gid = process.gid;
  record.name = lend(process.name);
  record.arguments = texts_.keep(process.arguments);
  record.executable = lend(process.executable);
  record.effective = texts_.keep(process.capabilities.effective);
  record.permitted = texts_.keep(process.capabilities.permitted);
  record.inheritable = texts_.keep(process.capabilities.inheritable);
  record.bounding = texts_.keep(process.capabilities.bounding);
  record.ambient = texts_.keep(process.capabilities.ambient);
  record.namespaces = lists.namespaces.pointers.data();
  record.namespace_count = lists.namespaces.pointers.size();
  record.open_files = lists.open_files.pointers.data();
  record.open_file_count = lists.open_files.pointers.size();
  record.listening = lists.listening.pointers.data();
  record.listening_count = lists.listening.pointers.size();
  processes_.add(record);
}

}  // namespace meridian::plugin
