// SPDX-License-Identifier: Apache-2.0
//
// process.hpp: what runs in a container. abi/process.h says what each number and text means.
//
// Views: valid until the callback returns.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "abi/process.h"
#include "privileges.hpp"
#include "text.hpp"

namespace meridian {

class ProcessNamespace {
 public:
  explicit ProcessNamespace(const meridian_process_namespace* record) : record_(record) {}
  std::string_view type() const { return view(record_->type); }  // pid, network, ...
  std::uint64_t inode() const { return record_->inode; }
  /// Whether it is the machine's own; nullopt: not known.
  std::optional<bool> of_host() const {
    if (record_->of_host < 0) return std::nullopt;
    return record_->of_host != 0;
  }

 private:
  const meridian_process_namespace* record_;
};

class OpenFile {
 public:
  explicit OpenFile(const meridian_open_file* record) : record_(record) {}
  std::uint32_t descriptor() const { return record_->descriptor; }
  std::string_view target() const { return view(record_->target); }
  bool deleted() const { return record_->deleted != 0; }

 private:
  const meridian_open_file* record_;
};

class ListeningSocket {
 public:
  explicit ListeningSocket(const meridian_listening_socket* record) : record_(record) {}
  std::string_view protocol() const { return view(record_->protocol); }
  std::string_view address() const { return view(record_->address); }
  std::uint32_t port() const { return record_->port; }

 private:
  const meridian_listening_socket* record_;
};

class Process {
 public:
  explicit Process(const meridian_process* record) : record_(record) {}

  std::int64_t pid() const { return record_->pid; }
  /// In the container's pid namespace; nullopt: it is not there, or that is not known.
  std::optional<std::int64_t> inside_pid() const {
    if (record_->inside_pid == 0) return std::nullopt;
    return record_->inside_pid;
  }
  std::int64_t parent() const { return record_->parent; }
  std::uint64_t start_time() const { return record_->start_time; }
  std::uint32_t uid() const { return record_->uid; }
  std::uint32_t gid() const { return record_->gid; }
  std::string_view name() const { return view(record_->name); }
  Strings arguments() const { return Strings(record_->arguments); }
  std::string_view executable() const { return view(record_->executable); }
  bool executable_deleted() const { return flag(MERIDIAN_PROCESS_EXECUTABLE_DELETED); }

  // Capabilities, "CAP_SYS_ADMIN".
  Strings effective() const { return Strings(record_->effective); }
  Strings permitted() const { return Strings(record_->permitted); }
  Strings inheritable() const { return Strings(record_->inheritable); }
  Strings bounding() const { return Strings(record_->bounding); }
  Strings ambient() const { return Strings(record_->ambient); }

  Records<ProcessNamespace, meridian_process_namespace> namespaces() const {
    return {record_->namespaces, record_->namespace_count};
  }
  /// nullopt: they could not be seen.
  std::optional<Records<OpenFile, meridian_open_file>> open_files() const {
    if (!flag(MERIDIAN_PROCESS_OPEN_FILES_SEEN)) return std::nullopt;
    return Records<OpenFile, meridian_open_file>(record_->open_files, record_->open_file_count);
  }
  /// nullopt: they could not be seen.
  std::optional<Records<ListeningSocket, meridian_listening_socket>> listening() const {
    if (!flag(MERIDIAN_PROCESS_LISTENING_SEEN)) return std::nullopt;
    return Records<ListeningSocket, meridian_listening_socket>(record_->listening,
                                                               record_->listening_count);
  }
  const meridian_process* raw() const { return record_; }

 private:
  bool flag(std::uint32_t bit) const { return (record_->flags & bit) != 0; }
  const meridian_process* record_;
};

using Processes = Records<Process, meridian_process>;

}  // namespace meridian
