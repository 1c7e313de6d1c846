// SPDX-License-Identifier: Apache-2.0
//
// process_reader.hpp: the processes of a container, from the procfs below the host root.
//
// A process belongs to a container if a path of its cgroup names that container's id (v1 and v2,
// cgroupfs and systemd), or if its cgroup names no container and it is in the pid namespace of the
// container's first process, where that is not the machine's. So one that joins another
// container's pid namespace, or the machine's, stays with its own. One that ends meanwhile is left
// out, whatever was seen of it.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "model/process.hpp"
#include "rootfs/host_root.hpp"
#include "store/procfs/proc_folder.hpp"

namespace meridian::store {

/// Nothing is read before the first question; which processes there are is read then, once for all
/// containers.
class ProcessReader {
 public:
  /// `host` outlives it.
  explicit ProcessReader(const rootfs::HostRoot& host) : host_(host) {}
  ProcessReader(const ProcessReader&) = delete;
  ProcessReader& operator=(const ProcessReader&) = delete;
  ~ProcessReader() = default;

  /// Empty for one that is not recorded as running. From any thread.
  model::ProcessList read(const model::Container& container) const;

 private:
  struct Known {
    std::uint64_t pid = 0;
    Look look = Look::kSeen;  // at its cgroup
    std::vector<std::string> cgroups;
    std::uint64_t pid_namespace = 0;  // asked only where the cgroup names no container
  };
  struct Snapshot {
    ProcFolder proc;
    bool there = false;
    bool cut = false;  // there are more than limits allow
    std::vector<Known> processes;
    std::vector<std::uint64_t> host_namespaces;  // of the first process; 0: not known
  };

  const Snapshot& snapshot() const;
  /// nullopt: it ended meanwhile.
  static std::optional<Known> know(std::uint64_t pid, const ProcFolder& folder);
  static bool belongs(const Known& process, const model::Container& container,
                      std::uint64_t pid_namespace);

  const rootfs::HostRoot& host_;
  mutable std::mutex mutex_;  // guards snapshot_, which does not change once it is made
  mutable std::optional<Snapshot> snapshot_;
};

}  // namespace meridian::store
