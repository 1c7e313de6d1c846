// SPDX-License-Identifier: Apache-2.0
#include "store/docker/running_daemons.hpp"

#include <map>
#include <string_view>
#include <utility>

#include "base/limits.hpp"
#include "store/procfs/parse.hpp"
#include "store/procfs/proc_folder.hpp"

namespace meridian::store {
namespace {

constexpr std::size_t kMaxDaemons = 64;  // nobody runs more; a container may pretend to
/// The kernel's own bound on an argument or environment string (MAX_ARG_STRLEN); a dockerd has less
/// than that in all.
constexpr std::size_t kMaxWords = 128 << 10;

bool is_readable(Look look) { return look == Look::kSeen || look == Look::kCut; }

/// What rootlesskit and the user's session told a rootless dockerd. Readable with CAP_SYS_PTRACE
/// only; without it the users' homes are looked at all the same.
void read_environment(const ProcFolder& process, RunningDaemon& daemon) {
  std::string text;
  if (!is_readable(process.text("environ", kMaxWords, text))) return;
  std::map<std::string, std::string, std::less<>> environment;
  for (const std::string& word : parse_arguments(text)) {
    const auto equals = word.find('=');
    if (equals != std::string::npos) environment[word.substr(0, equals)] = word.substr(equals + 1);
  }
  daemon.rootless = environment.count("ROOTLESSKIT_STATE_DIR") != 0;
  const auto or_below_home = [&](std::string_view name, std::string_view folder) {
    if (const auto set = environment.find(name); set != environment.end() && !set->second.empty()) {
      return set->second;
    }
    const auto home = environment.find("HOME");
    return home == environment.end() ? std::string() : home->second + std::string(folder);
  };
  daemon.data_home = or_below_home("XDG_DATA_HOME", "/.local/share");
  daemon.config_home = or_below_home("XDG_CONFIG_HOME", "/.config");
  daemon.runtime_dir = environment["XDG_RUNTIME_DIR"];
}

/// Anyone may read which mounts a process sees, also where the namespace's number is hidden.
std::vector<NamespaceMount> mounts_of(const ProcFolder& process) {
  std::string text;
  const Look look = process.text("mountinfo", limits::kMaxMetadataFile, text);
  return is_readable(look) ? parse_mounts(text) : std::vector<NamespaceMount>();
}

bool shares_mounts(const ProcFolder& process, const ProcFolder& first) {
  std::string own;
  std::string machine;
  return process.folder("ns").link("mnt", own) == Look::kSeen &&
         first.folder("ns").link("mnt", machine) == Look::kSeen && own == machine;
}

}  // namespace

RunningDaemons running_daemons(const rootfs::HostRoot& host,
                               std::vector<model::Problem>& problems) {
  RunningDaemons out;
  const auto problem = [&](ErrorCode code, std::string message) {
    problems.push_back({Error(code, std::move(message)), "/proc", {}, model::kNoStore});
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
    const auto words = daemon_words(parse_arguments(text));
    if (!words) continue;
    if (out.daemons.size() == kMaxDaemons) {
      problem(ErrorCode::kLimit,
              "more than " + std::to_string(kMaxDaemons) + " processes say that they are dockerd");
      break;
    }
    RunningDaemon daemon;
    daemon.pid = pid;
    daemon.flags = settings_of_flags(*words);
    read_environment(process, daemon);
    const ProcFolder first = proc.folder("1");
    daemon.elsewhere = !shares_mounts(process, first);
    if (daemon.elsewhere) daemon.mounts = mounts_of(process);
    if (daemon.elsewhere && out.machine_mounts.empty()) out.machine_mounts = mounts_of(first);
    out.daemons.push_back(std::move(daemon));
  }
  if (listed != Look::kSeen) {
    problem(listed == Look::kCut ? ErrorCode::kLimit : ErrorCode::kPrivilege,
            "not all processes could be asked whether they are dockerd");
  } else if (unasked > 0) {
    problem(ErrorCode::kPrivilege,
            std::to_string(unasked) + " processes could not be asked whether they are dockerd");
  }
  return out;
}

}  // namespace meridian::store
