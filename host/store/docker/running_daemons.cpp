// SPDX-License-Identifier: Apache-2.0
#include "store/docker/running_daemons.hpp"

#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/limits.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

constexpr std::size_t kMaxDaemons = 64;  // nobody runs more; a container may pretend to
/// The kernel's own bound on an argument or environment string (MAX_ARG_STRLEN); a dockerd has less
/// than that in all.
constexpr std::uint64_t kMaxWords = 128 << 10;

HostPath process_file(std::int64_t pid, std::string_view name) {
  return *HostPath::parse("/proc/" + std::to_string(pid)) / name;
}

/// Strings that each end with NUL.
std::vector<std::string> split_at_nul(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    words.emplace_back(word);
  }
  return words;
}

std::optional<std::int64_t> process_number(std::string_view name) {
  std::int64_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc() || end != name.data() + name.size() || pid <= 0) return std::nullopt;
  return pid;
}

/// What rootlesskit and the user's session told a rootless dockerd.
void read_environment(const rootfs::HostRoot& host, RunningDaemon& daemon) {
  const auto text = host.read_file(process_file(daemon.pid, "environ"), kMaxWords);
  if (!text) return;
  std::map<std::string, std::string, std::less<>> environment;
  for (const std::string& word : split_at_nul(*text)) {
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

std::vector<NamespaceMount> mounts_of(const rootfs::HostRoot& host, std::int64_t pid) {
  const auto text = host.read_file(process_file(pid, "mountinfo"), limits::kMaxMetadataFile);
  return text ? parse_mounts(*text) : std::vector<NamespaceMount>();
}

bool shares_mounts(const rootfs::HostRoot& host, std::int64_t pid) {
  const auto own = host.readlink(process_file(pid, "ns/mnt"));
  const auto first = host.readlink(process_file(1, "ns/mnt"));
  return !own || !first || *own == *first;  // unreadable: most daemons do
}

}  // namespace

std::vector<NamespaceMount> machine_mounts(const rootfs::HostRoot& host) {
  return mounts_of(host, 1);
}

std::vector<RunningDaemon> running_daemons(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems) {
  std::vector<RunningDaemon> daemons;
  const HostPath proc = *HostPath::parse("/proc");
  const auto entries = host.list(proc);
  if (!entries) return daemons;
  for (const rootfs::DirEntry& entry : *entries) {
    const auto pid = process_number(entry.name);
    if (!pid) continue;
    const auto text = host.read_file(process_file(*pid, "cmdline"), kMaxWords);
    if (!text) continue;  // ended meanwhile
    const auto words = daemon_words(split_at_nul(*text));
    if (!words) continue;
    if (daemons.size() == kMaxDaemons) {
      problems.push_back({Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxDaemons) +
                                                       " processes say that they are dockerd"),
                          proc.text(),
                          {},
                          model::kNoStore});
      break;
    }
    RunningDaemon daemon;
    daemon.pid = *pid;
    daemon.flags = settings_of_flags(*words);
    read_environment(host, daemon);
    if (!shares_mounts(host, *pid)) daemon.mounts = mounts_of(host, *pid);
    daemons.push_back(std::move(daemon));
  }
  return daemons;
}

}  // namespace meridian::store
