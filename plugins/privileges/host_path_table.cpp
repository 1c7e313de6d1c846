// SPDX-License-Identifier: Apache-2.0
#include "host_path_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace meridian::privileges {
namespace {

constexpr std::size_t kMaxPath = 4096;  // the kernel's PATH_MAX: a longer one is never mounted

constexpr Severity kCritical = Severity::kCritical;
constexpr Severity kHigh = Severity::kHigh;
constexpr Severity kMedium = Severity::kMedium;
constexpr Severity kLow = Severity::kLow;
constexpr Severity kNothing = Severity::kUnknown;

enum class Reach { kItself, kBelow };  // kBelow: the path and everything under it

struct Entry {
  std::string_view path;  // canonical; a part "*" is any one name
  Reach reach;
  HostPathWorth worth;
};

constexpr std::string_view kEngine = "engine-socket";
constexpr std::string_view kService = "host-service-socket";
constexpr std::string_view kState = "engine-state-mount";
constexpr std::string_view kConfig = "host-config-mount";
constexpr std::string_view kHome = "host-home-mount";
constexpr std::string_view kPrograms = "host-programs-mount";
constexpr std::string_view kProc = "host-proc-mount";
constexpr std::string_view kSys = "host-sys-mount";

constexpr std::string_view kSockets =
    "the engine's socket stands in it: read-only mounts do not close sockets";
constexpr std::string_view kBus = "root on the system bus has systemd run a program outside";
constexpr std::string_view kRuns = "the host runs as root what is written there";
constexpr std::string_view kAccounts = "who may become root on the host stands there";
constexpr std::string_view kKeys = "keys and tokens for the host or its cluster stand there";
constexpr std::string_view kOthers = "files and secrets of all other containers stand there";

constexpr Entry itself(std::string_view path, std::string_view rule, Severity writable,
                       Severity read_only, std::string_view message) {
  return {path, Reach::kItself, {rule, writable, read_only, message}};
}
constexpr Entry below(std::string_view path, std::string_view rule, Severity writable,
                      Severity read_only, std::string_view message) {
  return {path, Reach::kBelow, {rule, writable, read_only, message}};
}

// The longest path that fits wins; of two equal ones the first. What an engine mounts by itself
// (DATA/volumes/NAME/_data, DATA/containers/ID/hosts, kubelet/pods/UID/...) fits none.
constexpr std::array kEntries = {
    itself("/", "host-root-mount", kCritical, kHigh, "all files of the host"),

    itself("/run", kEngine, kCritical, kCritical, kSockets),
    itself("/run/docker", kEngine, kCritical, kCritical, kSockets),
    itself("/run/containerd", kEngine, kCritical, kCritical, kSockets),
    itself("/run/crio", kEngine, kCritical, kCritical, kSockets),
    itself("/run/podman", kEngine, kCritical, kCritical, kSockets),
    itself("/run/k3s", kEngine, kCritical, kCritical, kSockets),
    itself("/run/k3s/containerd", kEngine, kCritical, kCritical, kSockets),
    itself("/run/user", kEngine, kHigh, kHigh, kSockets),
    itself("/run/user/*", kEngine, kHigh, kHigh, kSockets),
    itself("/run/user/*/podman", kEngine, kHigh, kHigh, kSockets),
    below("/run/user/*/docker.sock", kEngine, kHigh, kHigh,
          "starts containers as the user whose engine it is"),
    below("/run/user/*/podman/podman.sock", kEngine, kHigh, kHigh,
          "starts containers as the user whose engine it is"),
    itself("/var/lib/lxd/unix.socket", kEngine, kCritical, kCritical, "starts containers as root"),
    itself("/var/lib/incus/unix.socket", kEngine, kCritical, kCritical,
           "starts containers as root"),
    itself("/var/snap/lxd/common/lxd/unix.socket", kEngine, kCritical, kCritical,
           "starts containers as root"),

    itself("/run/dbus", kService, kCritical, kCritical, kBus),
    itself("/run/dbus/system_bus_socket", kService, kCritical, kCritical, kBus),
    itself("/run/systemd", kService, kCritical, kCritical, kBus),
    itself("/run/systemd/private", kService, kCritical, kCritical, kBus),
    below("/run/systemd/system", kConfig, kCritical, kNothing, kRuns),
    below("/run/udev", kConfig, kHigh, kNothing, kRuns),
    itself("/run/libvirt", kService, kHigh, kHigh, "starts virtual machines with the host's disks"),
    itself("/run/libvirt/libvirt-sock", kService, kHigh, kHigh,
           "starts virtual machines with the host's disks"),

    itself("/var", kState, kCritical, kHigh, kOthers),
    itself("/var/lib", kState, kCritical, kHigh, kOthers),
    itself(kDockerRoot, kState, kCritical, kHigh, kOthers),
    itself("/var/lib/docker/*", kState, kCritical, kMedium, kOthers),
    itself("/var/snap/docker/common/var-lib-docker", kState, kCritical, kHigh, kOthers),
    itself("/var/snap/docker/common/var-lib-docker/*", kState, kCritical, kMedium, kOthers),
    itself("/var/lib/containerd", kState, kCritical, kHigh, kOthers),
    itself("/var/lib/containerd/*", kState, kCritical, kMedium, kOthers),
    itself("/var/lib/containers", kState, kCritical, kHigh, kOthers),
    itself("/var/lib/containers/storage", kState, kCritical, kHigh, kOthers),
    itself("/var/lib/kubelet", kState, kCritical, kHigh, kOthers),
    itself("/var/lib/kubelet/pods", kState, kCritical, kHigh, kOthers),
    below("/var/lib/kubelet/pki", kState, kCritical, kHigh, kKeys),
    itself("/var/lib/rancher", kState, kCritical, kHigh, kOthers),
    below("/var/lib/etcd", kState, kCritical, kHigh, "the cluster's whole state stands there"),

    itself("/etc", kConfig, kCritical, kHigh, kAccounts),
    below("/etc", kConfig, kLow, kNothing, "it changes what the host is configured with"),
    below("/etc/shadow", kConfig, kCritical, kHigh, kAccounts),
    below("/etc/gshadow", kConfig, kCritical, kHigh, kAccounts),
    below("/etc/passwd", kConfig, kCritical, kNothing, kAccounts),
    below("/etc/group", kConfig, kCritical, kNothing, kAccounts),
    below("/etc/sudoers", kConfig, kCritical, kNothing, kAccounts),
    below("/etc/sudoers.d", kConfig, kCritical, kNothing, kAccounts),
    below("/etc/pam.d", kConfig, kCritical, kNothing, kAccounts),
    itself("/etc/ssh", kConfig, kCritical, kHigh, kKeys),
    below("/etc/ssh/sshd_config", kConfig, kCritical, kNothing, kAccounts),
    below("/etc/ssl/private", kConfig, kHigh, kHigh, kKeys),
    below("/etc/kubernetes", kConfig, kCritical, kHigh, kKeys),
    below("/etc/rancher", kConfig, kCritical, kHigh, kKeys),
    below("/etc/crontab", kConfig, kCritical, kNothing, kRuns),
    below("/etc/cron.d", kConfig, kCritical, kNothing, kRuns),
    below("/etc/cron.hourly", kConfig, kCritical, kNothing, kRuns),
    below("/etc/cron.daily", kConfig, kCritical, kNothing, kRuns),
    below("/etc/cron.weekly", kConfig, kCritical, kNothing, kRuns),
    below("/etc/cron.monthly", kConfig, kCritical, kNothing, kRuns),
    below("/var/spool/cron", kConfig, kCritical, kNothing, kRuns),
    below("/etc/systemd", kConfig, kCritical, kNothing, kRuns),
    below("/etc/init.d", kConfig, kCritical, kNothing, kRuns),
    below("/etc/rc.local", kConfig, kCritical, kNothing, kRuns),
    below("/etc/profile", kConfig, kCritical, kNothing, kRuns),
    below("/etc/profile.d", kConfig, kCritical, kNothing, kRuns),
    below("/etc/bash.bashrc", kConfig, kCritical, kNothing, kRuns),
    below("/etc/ld.so.preload", kConfig, kCritical, kNothing, kRuns),
    below("/etc/ld.so.conf", kConfig, kCritical, kNothing, kRuns),
    below("/etc/ld.so.conf.d", kConfig, kCritical, kNothing, kRuns),
    below("/etc/udev", kConfig, kCritical, kNothing, kRuns),
    below("/etc/modprobe.d", kConfig, kCritical, kNothing, kRuns),
    below("/etc/logrotate.d", kConfig, kCritical, kNothing, kRuns),
    below("/etc/apt", kConfig, kHigh, kNothing, kRuns),
    below("/etc/network", kConfig, kHigh, kNothing, kRuns),
    below("/etc/NetworkManager", kConfig, kHigh, kNothing, kRuns),
    below("/etc/docker", kConfig, kCritical, kNothing,
          "the engine starts with what is written there"),
    below("/etc/containerd", kConfig, kCritical, kNothing,
          "the engine starts with what is written there"),

    itself("/root", kHome, kCritical, kMedium, kKeys),
    below("/root/.ssh", kHome, kCritical, kHigh, kKeys),
    below("/root/.kube", kHome, kHigh, kHigh, kKeys),
    below("/root/.aws", kHome, kHigh, kHigh, kKeys),
    below("/root/.docker", kHome, kHigh, kMedium, kKeys),
    below("/root/.bashrc", kHome, kCritical, kNothing, kRuns),
    below("/root/.profile", kHome, kCritical, kNothing, kRuns),
    itself("/home", kHome, kHigh, kMedium, kKeys),
    itself("/home/*", kHome, kHigh, kMedium, kKeys),
    below("/home/*/.ssh", kHome, kHigh, kHigh, kKeys),
    below("/home/*/.kube", kHome, kHigh, kHigh, kKeys),
    below("/home/*/.aws", kHome, kHigh, kHigh, kKeys),

    itself("/usr", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/bin", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/sbin", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/lib", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/lib32", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/lib64", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/libexec", kPrograms, kCritical, kNothing, kRuns),
    itself("/usr/local", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/local/bin", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/local/sbin", kPrograms, kCritical, kNothing, kRuns),
    below("/usr/local/lib", kPrograms, kCritical, kNothing, kRuns),
    below("/opt/cni", kPrograms, kCritical, kNothing, kRuns),
    below("/boot", kPrograms, kHigh, kNothing, "the host starts from it"),

    itself("/proc", kProc, kCritical, kLow,
           "the host's sys/kernel/core_pattern names a program that runs as root"),
    below("/proc/sys", kProc, kCritical, kNothing,
          "kernel.core_pattern names a program that runs as root"),
    below("/proc/sysrq-trigger", kProc, kHigh, kNothing, "it stops or restarts the host"),
    below("/proc/1", kProc, kCritical, kHigh, "the host's own root stands below it"),

    itself("/sys", kSys, kCritical, kLow,
           "kernel/uevent_helper names a program that the host runs as root"),
    itself("/sys/kernel", kSys, kCritical, kLow,
           "uevent_helper names a program that the host runs as root"),
    below("/sys/kernel/uevent_helper", kSys, kCritical, kNothing,
          "it names a program that the host runs as root"),
    below("/sys/kernel/debug", kSys, kHigh, kMedium, "the kernel's own debugging doors"),
    below("/sys/kernel/tracing", kSys, kHigh, kMedium, "the kernel's own debugging doors"),
    below("/sys/kernel/security", kSys, kHigh, kNothing,
          "the host's security policies are loaded there"),
    below("/sys/firmware/efi/efivars", kSys, kHigh, kNothing, "the host's boot order stands there"),
    below("/sys/fs/bpf", kSys, kMedium, kNothing,
          "programs and tables that the host's kernel runs stand there"),
    below("/sys/fs/cgroup", "host-cgroup-mount", kMedium, kNothing,
          "limits of other containers, and on cgroup v1 the release_agent that the kernel runs as "
          "root"),

    itself("/dev", "host-dev-mount", kLow, kLow,
           "every device node is there; only the device rules stand before the disks"),
};

/// The parts of a canonical path; "/" has none.
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  std::size_t at = 1;
  while (at < path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::size_t part_count(const Entry& entry) {
  if (entry.path == "/") return 0;
  return static_cast<std::size_t>(std::count(entry.path.begin(), entry.path.end(), '/'));
}

/// `count` is part_count(entry).
bool fits(const Entry& entry, std::size_t count, const std::vector<std::string_view>& path) {
  if (count > path.size()) return false;
  if (entry.reach == Reach::kItself && count != path.size()) return false;
  std::size_t at = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view part = entry.path.substr(at, entry.path.find('/', at) - at);
    if (part != "*" && part != path[i]) return false;
    at += part.size() + 1;
  }
  return true;
}

struct Link {
  std::string_view from, to;
};
constexpr std::array kLinks = {
    Link{"/var/run", "/run"}, Link{"/bin", "/usr/bin"},     Link{"/sbin", "/usr/sbin"},
    Link{"/lib", "/usr/lib"}, Link{"/lib32", "/usr/lib32"}, Link{"/lib64", "/usr/lib64"},
};

}  // namespace

std::string canonical(std::string_view path) {
  if (path.size() > kMaxPath) return std::string(path);
  const std::string absolute = "/" + std::string(path);
  std::vector<std::string_view> parts;
  for (const std::string_view part : parts_of(absolute)) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string out;
  for (const std::string_view part : parts) out.append("/").append(part);
  for (const Link& link : kLinks) {
    const bool below_it = out.size() > link.from.size() && out[link.from.size()] == '/';
    if (out.compare(0, link.from.size(), link.from) == 0 &&
        (out.size() == link.from.size() || below_it)) {
      out.replace(0, link.from.size(), link.to);
      break;
    }
  }
  return out.empty() ? "/" : out;
}

const HostPathWorth* worth_of(std::string_view path) {
  const auto parts = parts_of(path);
  const Entry* best = nullptr;
  std::size_t best_length = 0;
  for (const Entry& entry : kEntries) {
    const std::size_t length = part_count(entry);
    if ((best != nullptr && length <= best_length) || !fits(entry, length, parts)) continue;
    best = &entry;
    best_length = length;
  }
  return best == nullptr ? nullptr : &best->worth;
}

bool is_engine_socket(std::string_view path) {
  constexpr std::array<std::string_view, 8> kNames = {
      "docker.sock", "containerd.sock",  "containerd.sock.ttrpc", "crio.sock",
      "podman.sock", "cri-dockerd.sock", "dockershim.sock",       "buildkitd.sock"};
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace meridian::privileges
