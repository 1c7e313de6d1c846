// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/daemons.hpp"

#include <utility>

#include "base/limits.hpp"
#include "store/procfs/parse.hpp"
#include "store/procfs/proc_folder.hpp"

namespace meridian::store {
namespace {

constexpr std::size_t kMaxDaemons = 64;  // nobody runs more; a container may pretend to
/// The kernel's own bound on an argument string (MAX_ARG_STRLEN); a daemon has less in all.
constexpr std::size_t kMaxWords = 128 << 10;

/// Anyone may read which mounts a process sees, also where the namespace's number is hidden.
std::vector<NamespaceMount> mounts_of(const ProcFolder& process) {
  std::string text;
  const Look look = process.text("mountinfo", limits::kMaxMetadataFile, text);
  const bool readable = look == Look::kSeen || look == Look::kCut;
  return readable ? parse_mounts(text) : std::vector<NamespaceMount>();
}

bool shares_mounts(const ProcFolder& process, const ProcFolder& first) {
  std::string own;
  std::string machine;
  return process.folder("ns").link("mnt", own) == Look::kSeen &&
         first.folder("ns").link("mnt", machine) == Look::kSeen && own == machine;
}

}  // namespace

std::optional<std::string> DaemonProcesses::place_of(const DaemonProcess& daemon,
                                                     const std::string& path) const {
  if (!daemon.elsewhere) return path;
  return translate(path, daemon.mounts, machine_mounts);
}

DaemonProcesses find_daemons(const rootfs::HostRoot& host, std::string_view engine,
                             const DaemonWords& words, std::vector<model::Problem>& problems) {
  DaemonProcesses out;
  const auto problem = [&](ErrorCode code, std::string message) {
    problems.push_back({Error(code, message + std::string(engine)), "/proc", {}, model::kNoStore});
  };
  if (!has_procfs(host)) return out;
  const ProcFolder proc(host);
  std::vector<std::uint64_t> pids;
  const Look listed = proc.numbers(limits::kMaxHostProcesses, pids);
  std::size_t unasked = 0;
  for (const std::uint64_t pid : pids) {
    const ProcFolder process = proc.folder(std::to_string(pid));
    std::string text;
    const Look look = process.text("cmdline", kMaxWords, text);
    if (look == Look::kRefused || look == Look::kFailed) ++unasked;
    auto found = words(parse_arguments(text));
    if (!found) continue;
    if (out.daemons.size() == kMaxDaemons) {
      problem(ErrorCode::kLimit,
              "more than " + std::to_string(kMaxDaemons) + " processes say that they are ");
      break;
    }
    DaemonProcess daemon{pid, *std::move(found), false, {}};
    const ProcFolder first = proc.folder("1");
    daemon.elsewhere = !shares_mounts(process, first);
    if (daemon.elsewhere) daemon.mounts = mounts_of(process);
    if (daemon.elsewhere && out.machine_mounts.empty()) out.machine_mounts = mounts_of(first);
    out.daemons.push_back(std::move(daemon));
  }
  if (listed != Look::kSeen) {
    problem(listed == Look::kCut ? ErrorCode::kLimit : ErrorCode::kPrivilege,
            "not all processes could be asked whether they are ");
  } else if (unasked > 0) {
    problem(ErrorCode::kPrivilege,
            std::to_string(unasked) + " processes could not be asked whether they are ");
  }
  return out;
}

}  // namespace meridian::store
