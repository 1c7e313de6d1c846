// SPDX-License-Identifier: Apache-2.0
//
// announced_roots.cpp: sources: dockerd(8), dockerd-rootless.sh, the packages' unit files.
#include "store/docker/announced_roots.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/docker/daemon_settings.hpp"
#include "store/docker/running_daemons.hpp"
#include "store/docker/service_file.hpp"
#include "store/home_users.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

constexpr const char* kConfigFile = "/etc/docker/daemon.json";
constexpr const char* kDefaultRoot = "/var/lib/docker";
/// Strongest first, as systemd.unit(5) has them; a unit of the same name in a later one is hidden.
constexpr std::array kUnitFolders = {"/etc/systemd/system", "/run/systemd/system",
                                     "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
                                     "/lib/systemd/system"};
/// File of an init script, and the variable that it starts dockerd with.
constexpr std::array kDefaultFiles = {std::pair{"/etc/default/docker", "DOCKER_OPTS"},
                                      std::pair{"/etc/sysconfig/docker", "OPTIONS"},
                                      std::pair{"/etc/conf.d/docker", "DOCKER_OPTS"}};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

class Announcer {
 public:
  Announcer(const rootfs::HostRoot& host, std::vector<model::Problem>& problems)
      : host_(host), problems_(problems) {}

  std::vector<AnnouncedRoot> run() {
    running();
    services(kUnitFolders, kConfigFile, kDefaultRoot);
    default_files();
    config_file(kConfigFile, kDefaultRoot, "");
    add({kDefaultRoot, "default location", {}, false});
    constexpr const char* kSnapRoot = "/var/snap/docker/common/var-lib-docker";
    config_file("/var/snap/docker/current/config/daemon.json", kSnapRoot, "");
    add({kSnapRoot, "snap", {}, false});
    rootless();
    return std::move(roots_);
  }

 private:
  void running();
  template <class Folders>
  void services(const Folders& folders, const std::string& config, const std::string& root);
  void service(const std::string& name, const std::vector<std::string>& parts,
               const std::string& config, const std::string& root);
  void default_files();
  void config_file(const std::string& path, const std::string& root, const std::string& exec_root);
  void rootless();

  void add(AnnouncedRoot root) { roots_.push_back(std::move(root)); }
  /// What flags and the file that they go with say; nothing if they say nothing.
  void add_daemon(DaemonSettings flags, const std::string& source, const std::string& config,
                  const std::string& root);
  void problem(Error error, const std::string& path) {
    problems_.push_back({std::move(error), path, {}, model::kNoStore});
  }
  /// nullopt: not there, or a problem that is told.
  std::optional<std::string> read(const std::string& path);
  DaemonSettings read_config(const std::string& path);
  std::vector<std::string> names_in(const std::string& folder);

  const rootfs::HostRoot& host_;
  std::vector<model::Problem>& problems_;
  std::vector<AnnouncedRoot> roots_;
};

std::optional<std::string> Announcer::read(const std::string& path) {
  auto place = HostPath::parse(path);
  auto text = place ? host_.read_file(*place, limits::kMaxMetadataFile)
                    : Result<std::string>(std::move(place).error());
  if (text) return *std::move(text);
  if (text.error().code() != ErrorCode::kNotFound) problem(std::move(text).error(), path);
  return std::nullopt;
}

DaemonSettings Announcer::read_config(const std::string& path) {
  const auto text = read(path);
  if (!text) return {};
  auto settings = parse_daemon_json(*text);
  if (settings && !settings->data_root.empty()) {
    if (auto root = HostPath::parse(settings->data_root); !root) settings = std::move(root).error();
  }
  if (settings) return *std::move(settings);
  problem(std::move(settings).error().in(base::escape(path)), path);
  return {};
}

std::vector<std::string> Announcer::names_in(const std::string& folder) {
  std::vector<std::string> names;
  const auto path = HostPath::parse(folder);
  const auto entries =
      path ? host_.list(*path) : Result<std::vector<rootfs::DirEntry>>(path.error());
  if (!entries) {
    if (entries.error().code() != ErrorCode::kNotFound) problem(entries.error(), folder);
    return names;
  }
  for (const rootfs::DirEntry& entry : *entries) names.push_back(entry.name);
  return names;
}

void Announcer::running() {
  const RunningDaemons found = running_daemons(host_, problems_);
  for (const RunningDaemon& daemon : found.daemons) {
    const std::string pid = std::to_string(daemon.process.pid);
    const std::string who = "dockerd, process " + pid;
    const auto place_of = [&](const std::string& path) {
      return found.processes.place_of(daemon.process, path);
    };
    DaemonSettings settings = daemon.flags;
    std::string config = settings.config_file;
    if (config.empty()) {
      config = daemon.rootless ? daemon.config_home + "/docker/daemon.json" : kConfigFile;
    }
    std::string how = settings.data_root.empty() ? "" : ": --data-root";
    if (const auto place = place_of(config)) settings.fill_from(read_config(*place));
    if (how.empty() && !settings.data_root.empty()) how = ": data-root in " + config;
    DaemonSettings defaults;
    if (daemon.rootless) {
      if (!daemon.data_home.empty()) defaults.data_root = daemon.data_home + "/docker";
      if (!daemon.runtime_dir.empty()) defaults.exec_root = daemon.runtime_dir + "/docker";
    }
    settings.fill_from(defaults);
    if (settings.data_root.empty()) settings.data_root = kDefaultRoot;
    const auto root = place_of(settings.data_root);
    if (!root) {
      problem(Error(ErrorCode::kUnsupported,
                    who + " keeps its data in '" + base::escape(settings.data_root) +
                        "' of a mount namespace of its own, which is mounted nowhere else on this "
                        "machine: not read"),
              "/proc/" + pid);
      continue;
    }
    settings.exec_root =
        settings.exec_root.empty() ? "" : place_of(settings.exec_root).value_or("");
    add({*root, who + how, std::move(settings), true});
  }
}

void Announcer::add_daemon(DaemonSettings flags, const std::string& source,
                           const std::string& config, const std::string& root) {
  std::string how = source + (flags.data_root.empty() ? "" : ": --data-root");
  if (!flags.config_file.empty() && flags.config_file != config) {
    const bool given = !flags.data_root.empty();
    flags.fill_from(read_config(flags.config_file));
    if (!given && !flags.data_root.empty()) how = flags.config_file + ": data-root";
  }
  if (flags == DaemonSettings()) return;
  if (flags.data_root.find('%') != std::string::npos) {
    return problem(Error(ErrorCode::kUnsupported,
                         base::escape(source) + ": '" + base::escape(flags.data_root) +
                             "' has a specifier of systemd, which only a running unit knows"),
                   source);
  }
  if (flags.data_root.empty()) flags.data_root = root;
  std::string path = flags.data_root;
  add({std::move(path), std::move(how), std::move(flags), false});
}

template <class Folders>
void Announcer::services(const Folders& folders, const std::string& config,
                         const std::string& root) {
  // By the name of the unit: its file, and its drop-ins by name; the strongest folder's of each.
  std::map<std::string, std::string> units;
  std::map<std::string, std::map<std::string, std::string>> drop_ins;
  for (const auto& one : folders) {
    const std::string folder = one;
    for (const std::string& name : names_in(folder)) {
      if (name.find("docker") == std::string::npos) continue;
      if (ends_with(name, ".service")) units.emplace(name, folder + "/" + name);
      if (!ends_with(name, ".service.d")) continue;
      const std::string unit = name.substr(0, name.size() - 2);
      for (const std::string& drop_in : names_in(folder + "/" + name)) {
        if (!ends_with(drop_in, ".conf")) continue;
        drop_ins[unit].emplace(drop_in, folder + "/" + name + "/" + drop_in);
      }
    }
  }
  for (const auto& [name, path] : units) {
    std::vector<std::string> parts{path};
    for (const auto& [file, place] : drop_ins[name]) parts.push_back(place);
    service(path, parts, config, root);
  }
}

void Announcer::service(const std::string& name, const std::vector<std::string>& parts,
                        const std::string& config, const std::string& root) {
  ServiceFile unit;
  for (const std::string& part : parts) {
    const auto path = HostPath::parse(part);
    const auto link = path ? host_.readlink(*path) : Result<std::string>(path.error());
    if (link && *link == "/dev/null") continue;  // masked
    if (const auto text = read(part)) unit.add(*text);
  }
  for (const std::string& file : unit.environment_files()) {
    if (const auto text = read(file)) unit.set(parse_assignments(*text));
  }
  for (const auto& command : unit.commands()) {
    if (const auto words = daemon_words(command)) {
      add_daemon(settings_of_flags(*words), name, config, root);
    }
  }
}

void Announcer::default_files() {
  for (const auto& [path, variable] : kDefaultFiles) {
    const auto text = read(path);
    if (!text) continue;
    const auto values = parse_assignments(*text);
    const auto value = values.find(variable);
    if (value == values.end()) continue;
    add_daemon(settings_of_flags(split_words(value->second)), path, kConfigFile, kDefaultRoot);
  }
}

void Announcer::config_file(const std::string& path, const std::string& root,
                            const std::string& exec_root) {
  DaemonSettings settings = read_config(path);
  if (settings == DaemonSettings()) return;
  std::string how = path + (settings.data_root.empty() ? "" : ": data-root");
  if (settings.data_root.empty()) settings.data_root = root;
  if (settings.exec_root.empty()) settings.exec_root = exec_root;
  std::string place = settings.data_root;
  add({std::move(place), std::move(how), std::move(settings), false});
}

void Announcer::rootless() {
  for (const HomeUser& user : home_users(host_, problems_)) {
    const std::string root = user.home + "/.local/share/docker";
    const std::string config = user.home + "/.config/docker/daemon.json";
    const std::string exec_root = "/run/user/" + user.number + "/docker";
    const std::array folders = {user.home + "/.config/systemd/user"};
    services(folders, config, root);
    config_file(config, root, exec_root);
    if (const auto path = HostPath::parse(root); path && host_.exists(*path)) {
      DaemonSettings settings;
      settings.exec_root = exec_root;
      add({root, "rootless, default location", std::move(settings), false});
    }
  }
}

}  // namespace

std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems) {
  return Announcer(host, problems).run();
}

}  // namespace meridian::store
