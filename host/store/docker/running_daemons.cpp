// SPDX-License-Identifier: Apache-2.0
#include "store/docker/running_daemons.hpp"

#include <map>
#include <string_view>
#include <utility>

#include "store/procfs/parse.hpp"
#include "store/procfs/proc_folder.hpp"

namespace meridian::store {
namespace {

constexpr std::size_t kMaxEnvironment = 128 << 10;

/// What rootlesskit and the user's session told a rootless dockerd. Readable with CAP_SYS_PTRACE
/// only; without it the users' homes are looked at all the same.
void read_environment(const ProcFolder& process, RunningDaemon& daemon) {
  std::string text;
  const Look look = process.text("environ", kMaxEnvironment, text);
  if (look != Look::kSeen && look != Look::kCut) return;
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

}  // namespace

RunningDaemons running_daemons(const rootfs::HostRoot& host,
                               std::vector<model::Problem>& problems) {
  RunningDaemons out;
  out.processes = find_daemons(host, "dockerd", daemon_words, problems);
  const ProcFolder proc(host);
  for (DaemonProcess& process : std::exchange(out.processes.daemons, {})) {
    RunningDaemon daemon;
    daemon.flags = settings_of_flags(process.words);
    read_environment(proc.folder(std::to_string(process.pid)), daemon);
    daemon.process = std::move(process);
    out.daemons.push_back(std::move(daemon));
  }
  return out;
}

}  // namespace meridian::store
