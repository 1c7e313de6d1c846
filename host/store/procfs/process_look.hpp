// SPDX-License-Identifier: Apache-2.0
//
// process_look.hpp: one look at the processes of one container: each process, what bounds them all
// together, and what could not be seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "model/process.hpp"
#include "store/procfs/parse.hpp"
#include "store/procfs/proc_folder.hpp"

namespace meridian::store {

/// Bytes of /proc/<pid>/cgroup: a dozen lines whose paths are no longer than PATH_MAX.
inline constexpr std::size_t kMaxCgroupFile = 64 << 10;

/// The inodes of a process's namespaces, in the order of Privileges::namespaces; 0: not seen.
std::vector<std::uint64_t> namespaces_of(const ProcFolder& process);
std::uint64_t namespace_of(const ProcFolder& process, const char* link);  // "pid", "net", ...

class ProcessLook {
 public:
  explicit ProcessLook(std::vector<std::uint64_t> host_namespaces)
      : host_namespaces_(std::move(host_namespaces)) {}

  /// Makes the pid namespace of this process, the container's first, the one that is "inside", and
  /// gives its inode; 0: it is the machine's own, or not known. nullopt: the process ended, or is
  /// another one by now.
  std::optional<std::uint64_t> enter(const ProcFolder& first,
                                     std::optional<std::uint64_t> start_time);
  /// `folder` is that of process `pid`. nullopt: it ended meanwhile.
  std::optional<model::Process> read(std::uint64_t pid, const ProcFolder& folder);

  /// "`what` of N processes"; the first path stands for all.
  void note(ErrorCode code, const std::string& what, const std::string& path);
  std::vector<model::ProcessGap> gaps() const;

 private:
  struct Missing {
    std::size_t count = 0;
    std::string path;
  };
  struct Seen;  // a process being read

  void note(Look look, const std::string& what, const Seen& seen);
  static bool has_ended(const Seen& seen);
  /// Whether `bytes` more may be kept.
  bool afford(std::size_t bytes, const char* what, const Seen& seen);
  void read_arguments(Seen& seen);
  void read_executable(Seen& seen);
  void read_namespaces(Seen& seen);
  void read_open_files(Seen& seen);
  void read_listening(Seen& seen);
  const Sockets* sockets_of(const Seen& seen);
  std::optional<Sockets> read_sockets(const Seen& seen);

  std::vector<std::uint64_t> host_namespaces_;
  std::optional<std::size_t> level_;  // of the container's pid namespace, below procfs's own
  std::size_t kept_bytes_ = 0;
  std::size_t kept_files_ = 0;
  /// By network namespace; nullopt: there is no room for them.
  std::map<std::uint64_t, std::optional<Sockets>> sockets_;
  std::map<std::pair<ErrorCode, std::string>, Missing> missing_;
};

}  // namespace meridian::store
