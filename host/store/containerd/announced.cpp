// SPDX-License-Identifier: Apache-2.0
//
// announced.cpp: sources: containerd(8); k3s, pkg/daemons/agent and pkg/agent/templates; MicroK8s,
// microk8s-resources; firecracker-containerd, docs/getting-started.md; nerdctl, docs/rootless.md.
#include "store/containerd/announced.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/escape.hpp"
#include "store/containerd/config.hpp"
#include "store/home_users.hpp"
#include "store/procfs/daemons.hpp"

namespace meridian::store::containerd {
namespace {

using model::HostPath;

struct Flavour {
  const char* name;
  const char* config;
  const char* root;
  const char* state;
};

constexpr std::array kFlavours = {
    Flavour{"default location", kConfigFile, "/var/lib/containerd", "/run/containerd"},
    Flavour{"k3s", "/var/lib/rancher/k3s/agent/etc/containerd/config.toml",
            "/var/lib/rancher/k3s/agent/containerd", "/run/k3s/containerd"},
    Flavour{"RKE2", "/var/lib/rancher/rke2/agent/etc/containerd/config.toml",
            "/var/lib/rancher/rke2/agent/containerd", "/run/k3s/containerd"},
    Flavour{"MicroK8s", "/var/snap/microk8s/current/args/containerd.toml",
            "/var/snap/microk8s/common/var/lib/containerd",
            "/var/snap/microk8s/common/run/containerd"},
    Flavour{"firecracker-containerd", "/etc/firecracker-containerd/config.toml",
            "/var/lib/firecracker-containerd/containerd", "/run/firecracker-containerd"}};

std::optional<std::vector<std::string>> containerd_words(const std::vector<std::string>& command) {
  if (command.empty()) return std::nullopt;
  const std::string_view path = command.front();
  const std::string_view program = path.substr(path.rfind('/') + 1);
  if (program != "containerd" && program != "firecracker-containerd") return std::nullopt;
  return std::vector<std::string>(command.begin() + 1, command.end());
}

class Announcer {
 public:
  Announcer(const rootfs::HostRoot& host, std::vector<model::Problem>& problems)
      : host_(host), problems_(problems) {}

  std::vector<AnnouncedRoot> run() {
    running();
    for (const Flavour& one : kFlavours) add(one.name, one.config, one.root, one.state);
    for (const HomeUser& user : home_users(host_, problems_)) {
      add("rootless", user.home + "/.config/containerd/config.toml",
          user.home + "/.local/share/containerd", "/run/user/" + user.number + "/containerd");
    }
    return std::move(roots_);
  }

 private:
  void running();
  void add(const std::string& name, const std::string& config, const std::string& root,
           const std::string& state);
  Config config(const std::string& path, Config otherwise) {
    const auto file = HostPath::parse(path);
    return file ? read_config(host_, *file, problems_, std::move(otherwise)) : otherwise;
  }

  const rootfs::HostRoot& host_;
  std::vector<model::Problem>& problems_;
  std::vector<AnnouncedRoot> roots_;
};

void Announcer::running() {
  const DaemonProcesses found = find_daemons(host_, "containerd", containerd_words, problems_);
  for (const DaemonProcess& daemon : found.daemons) {
    const std::string pid = std::to_string(daemon.pid);
    Flags flags = parse_flags(daemon.words);
    if (flags.config.empty()) flags.config = kConfigFile;
    Config said;
    const auto file = found.place_of(daemon, flags.config);
    if (file) said = config(*file, {});
    if (!flags.root.empty()) said.root = flags.root;
    if (!flags.state.empty()) said.state = flags.state;
    const auto root = found.place_of(daemon, said.root);
    if (!root) {
      problems_.push_back(
          {Error(ErrorCode::kUnsupported,
                 "containerd, process " + pid + " keeps its data in '" + base::escape(said.root) +
                     "' of a mount namespace of its own, which is mounted nowhere else on this "
                     "machine: not read"),
           "/proc/" + pid,
           {},
           model::kNoStore});
      continue;
    }
    roots_.push_back({*root, found.place_of(daemon, said.state).value_or(""),
                      "containerd, process " + pid, true,
                      file ? std::optional(said) : std::nullopt});
  }
}

void Announcer::add(const std::string& name, const std::string& file, const std::string& root,
                    const std::string& state) {
  Config otherwise;
  otherwise.root = root;
  otherwise.state = state;
  Config said = config(file, std::move(otherwise));
  std::string how = said.root == root ? name : file + ": root";
  roots_.push_back({said.root, said.state, std::move(how), false, said});
}

}  // namespace

Flags parse_flags(const std::vector<std::string>& words) {
  Flags out;
  std::string* wanted = nullptr;
  for (const std::string& word : words) {
    if (wanted != nullptr) {
      *std::exchange(wanted, nullptr) = word;
      continue;
    }
    const auto equals = word.find('=');
    const auto dashes = word.find_first_not_of('-');
    if (dashes == 0 || dashes == std::string::npos) continue;
    const std::string_view name = std::string_view(word).substr(
        dashes, equals == std::string::npos ? equals : equals - dashes);
    std::string* const value = name == "root"                    ? &out.root
                               : name == "state"                 ? &out.state
                               : name == "config" || name == "c" ? &out.config
                                                                 : nullptr;
    if (value == nullptr) continue;
    if (equals == std::string::npos) {
      wanted = value;
    } else {
      *value = word.substr(equals + 1);
    }
  }
  return out;
}

std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems) {
  return Announcer(host, problems).run();
}

}  // namespace meridian::store::containerd
