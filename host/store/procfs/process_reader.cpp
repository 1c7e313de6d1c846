// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/process_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "store/procfs/process_look.hpp"

namespace meridian::store {
namespace {

using model::Liveness;
using model::ProcessList;

ProcessList without_procfs(const rootfs::HostRoot& host) {
  ProcessList list;
  list.seen = false;
  const std::string place = host.directory() + (host.directory() == "/" ? "proc" : "/proc");
  list.gaps.push_back(
      {Error(ErrorCode::kPrivilege,
             "the processes of running containers cannot be seen: no procfs of the machine is "
             "mounted below the host root"),
       "/proc", "mount the machine's own /proc at " + place + ", read-only"});
  return list;
}

}  // namespace

std::optional<ProcessReader::Known> ProcessReader::know(std::uint64_t pid,
                                                        const ProcFolder& folder) {
  std::string text;
  const Look look = folder.text("cgroup", kMaxCgroupFile, text);
  if (look == Look::kGone) return std::nullopt;
  Known known{pid, look, parse_cgroup_paths(text), 0};
  if (std::none_of(known.cgroups.begin(), known.cgroups.end(), names_any_container)) {
    known.pid_namespace = namespace_of(folder, "pid");
  }
  return known;
}

const ProcessReader::Snapshot& ProcessReader::snapshot() const {
  const std::lock_guard lock(mutex_);
  if (snapshot_) return *snapshot_;
  Snapshot& made = snapshot_.emplace(Snapshot{ProcFolder(host_), false, false, {}, {}});
  made.there = has_procfs(host_);
  if (!made.there) return made;
  made.host_namespaces = namespaces_of(made.proc.folder("1"));
  std::vector<std::uint64_t> pids;
  const Look listed = made.proc.numbers(limits::kMaxHostProcesses, pids);
  made.cut = listed == Look::kCut;
  made.there = made.cut || listed == Look::kSeen;
  std::size_t bytes = 0;
  for (const std::uint64_t pid : pids) {
    auto known = know(pid, made.proc.folder(std::to_string(pid)));
    if (!known) continue;
    for (const std::string& path : known->cgroups) bytes += sizeof(std::string) + path.size();
    made.cut = made.cut || bytes > limits::kMaxProcessBytes;
    if (bytes > limits::kMaxProcessBytes) break;
    made.processes.push_back(*std::move(known));
  }
  return made;
}

bool ProcessReader::belongs(const Known& process, const model::Container& container,
                            std::uint64_t pid_namespace) {
  if (pid_namespace != 0 && process.pid_namespace == pid_namespace) return true;
  const auto is_in = [&container](const std::string& path) {
    return container.cgroup.empty() ? names_container(path, container.id)
                                    : is_in_cgroup(path, container.cgroup);
  };
  return std::any_of(process.cgroups.begin(), process.cgroups.end(), is_in);
}

ProcessList ProcessReader::read(const model::Container& container) const {
  ProcessList list;
  const model::RunState& run = container.run;
  if (run.liveness == Liveness::kNotRunning) return list;
  const Snapshot& seen = snapshot();
  if (!seen.there) return without_procfs(host_);
  ProcessLook look(seen.host_namespaces);
  // The first process is the container's whatever its cgroup is called.
  std::optional<std::uint64_t> own_namespace;
  if (run.liveness == Liveness::kVerified || run.liveness == Liveness::kAlive) {
    own_namespace = look.enter(seen.proc.folder(std::to_string(run.pid)), run.start_time);
  }
  for (const Known& known : seen.processes) {
    if (known.look == Look::kRefused || known.look == Look::kFailed) {
      // Whose it is nobody can say.
      look.note(known.look == Look::kRefused ? ErrorCode::kPrivilege : ErrorCode::kUnreadable,
                "the cgroup", "/proc/" + std::to_string(known.pid));
    }
    const bool is_first = own_namespace && known.pid == static_cast<std::uint64_t>(run.pid);
    if (!is_first && !belongs(known, container, own_namespace.value_or(0))) continue;
    const ProcFolder folder = seen.proc.folder(std::to_string(known.pid));
    // Since the snapshot was taken the number may have become another process's.
    const auto still = know(known.pid, folder);
    if (!still) continue;
    if (!is_first && !belongs(*still, container, own_namespace.value_or(0))) continue;
    if (list.processes.size() == limits::kMaxProcesses) {
      look.note(ErrorCode::kLimit, "processes beyond " + std::to_string(limits::kMaxProcesses),
                "/proc");
      break;
    }
    if (auto one = look.read(known.pid, folder)) list.processes.push_back(*std::move(one));
  }
  if (seen.cut) {
    look.note(ErrorCode::kLimit, "processes of the machine", "/proc");
  }
  list.gaps = look.gaps();
  return list;
}

}  // namespace meridian::store
