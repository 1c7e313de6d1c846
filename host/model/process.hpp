// SPDX-License-Identifier: Apache-2.0
//
// process.hpp: what runs in a container, as the host's procfs shows it (proc(5)).
//
// Numbers of processes, users and groups are the host's unless "inside" is said. Texts are bytes
// that the process itself may choose.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "meridian/result.hpp"
#include "model/oci_spec.hpp"

namespace meridian::model {

struct ProcessNamespace {
  std::string type;             // mount, pid, network, ipc, uts, user, cgroup: as in privileges
  std::uint64_t inode = 0;      // equal numbers of one type are one namespace
  std::optional<bool> of_host;  // that of the machine's first process; nullopt: not known
};

struct OpenFile {
  std::uint32_t descriptor = 0;
  std::string target;  // path in the process's mount namespace; "socket:[7]", "pipe:[8]", ...
  bool deleted = false;
};

struct ListeningSocket {
  std::string protocol;    // tcp, tcp6, udp, udp6, unix
  std::string address;     // "0.0.0.0", "::"; of unix its path, "@name" if it has none on disk
  std::uint16_t port = 0;  // of unix 0
};

struct Process {
  std::int64_t pid = 0;
  std::int64_t inside_pid = 0;  // in the container's pid namespace; 0: it is not there, or unknown
  std::int64_t parent = 0;
  std::uint64_t start_time = 0;        // clock ticks since boot
  std::string name;                    // at most 15 bytes
  std::vector<std::string> arguments;  // none: a zombie, or it wiped them
  std::string executable;              // path inside; empty: none (a zombie), or not seen
  bool executable_deleted = false;
  std::uint32_t uid = 0, gid = 0;                   // effective, as the machine sees them
  SpecCapabilities capabilities;                    // by name
  std::vector<ProcessNamespace> namespaces;         // those that were seen
  std::optional<std::vector<OpenFile>> open_files;  // by descriptor; nullopt: not seen
  /// Of its open files, each once; nullopt: not seen. tcp in state LISTEN, udp bound and not
  /// connected, unix that accepts connections.
  std::optional<std::vector<ListeningSocket>> listening;
};

/// What could not be seen of them.
struct ProcessGap {
  Error error;
  std::string path;  // on the host
  std::string mend;  // what would restore it; may be empty
};

struct ProcessList {
  bool seen = true;                // false: nobody could look; the gaps say why
  std::vector<Process> processes;  // by pid
  std::vector<ProcessGap> gaps;
};

}  // namespace meridian::model
