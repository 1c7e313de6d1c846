// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "paths.hpp"

namespace meridian::privileges {
namespace {

struct NamespacePath {
  std::string_view type;
  std::string_view capability;  // that it takes; empty: none
  std::string_view rule;
  Severity severity;
  bool as_root;  // worth less to a user who is not root
  std::string_view message;
};

// Of each type the first that is open counts. The host's cgroup namespace is an engine's default on
// cgroup v1, and so is its user namespace: no path by themselves.
constexpr std::array kNamespaces = {
    NamespacePath{"mount", "", "host-mount-namespace", Severity::kCritical, true,
                  "what it mounts and sees is the host's own tree"},
    NamespacePath{"pid", "CAP_SYS_PTRACE", "host-pid-ptrace", Severity::kCritical, true,
                  "enters any process of the host, and its files through /proc/PID/root"},
    NamespacePath{
        "pid", "", "host-pid", Severity::kHigh, true,
        "sees and signals the host's processes, and the files of those that run as its user"},
    NamespacePath{"network", "CAP_NET_ADMIN", "host-network-admin", Severity::kHigh, true,
                  "rewrites the host's addresses, routes and firewall"},
    NamespacePath{"network", "", "host-network", Severity::kMedium, false,
                  "reaches services that listen on the host's loopback or on abstract sockets"},
    NamespacePath{"ipc", "", "host-ipc", Severity::kMedium, true,
                  "reads and writes shared memory and message queues of the host's processes"},
    NamespacePath{"uts", "", "host-uts", Severity::kLow, false,
                  "learns the host's name, and sets it with CAP_SYS_ADMIN"},
};

bool covers(Strings paths, std::string_view wanted) {
  for (std::string_view path : paths) {
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    if (wanted == path || path == "/proc") return true;
  }
  return false;
}

/// The container's own /proc is there to be written, and nothing stands over /proc/sys.
bool proc_sys_is_open(const Privileges& privileges) {
  if (covers(privileges.readonly_paths(), "/proc/sys") ||
      covers(privileges.masked_paths(), "/proc/sys")) {
    return false;
  }
  bool open = false;
  for (const Mount mount : privileges.mounts()) {
    if (mount.destination() == "/proc" && mount.type() == "proc") open = !mount.read_only();
    if (mount.destination() == "/proc/sys") open = false;
  }
  return open;
}

/// "system_u:system_r:spc_t:s0" and its kind.
bool is_unconfined_label(std::string_view label) {
  constexpr std::array<std::string_view, 3> kTypes = {
      ":spc_t:", ":unconfined_t:", ":container_runtime_t:"};
  return std::any_of(kTypes.begin(), kTypes.end(), [label](std::string_view type) {
    return label.find(type) != std::string_view::npos;
  });
}

}  // namespace

void privileged_path(const Subject& subject, Paths& out) {
  out.push_back(
      {"privileged", "privileged",
       "mounts the host's disks, loads modules, writes the kernel's settings",
       "all capabilities, all devices, no seccomp filter, nothing of /proc and /sys covered, " +
           subject.standing.text(),
       subject.standing.to_kernel(Severity::kCritical), subject.standing.confidence()});
}

void namespace_paths(const Subject& subject, Paths& out) {
  std::string_view told;
  for (const NamespacePath& path : kNamespaces) {
    if (path.type == told || !subject.privileges.shares_with_host(path.type)) continue;
    if (!path.capability.empty() && !subject.standing.can(path.capability)) continue;
    told = path.type;
    std::string evidence = "the host's " + std::string(path.type) + " namespace";
    if (!path.capability.empty()) evidence.append(", ").append(path.capability);
    out.push_back({path.rule, "namespace:" + std::string(path.type), std::string(path.message),
                   evidence + ", " + subject.standing.text(),
                   path.as_root ? subject.standing.to_kernel(path.severity) : path.severity,
                   subject.standing.confidence()});
  }
}

void confinement_paths(const Subject& subject, Paths& out) {
  const Privileges& privileges = subject.privileges;
  if (privileges.seccomp() != Seccomp::kFilter) {
    out.push_back({"no-seccomp", "seccomp",
                   "every system call reaches the kernel: namespaces made inside give it "
                   "capabilities over code that few else may call",
                   privileges.seccomp() == Seccomp::kNone ? "no seccomp filter"
                                                          : "a seccomp filter that refuses nothing",
                   Severity::kMedium, Confidence::kHigh});
  }
  const std::string_view label = privileges.selinux_label();
  const bool apparmor_off = privileges.apparmor_profile() == "unconfined";
  if (apparmor_off || is_unconfined_label(label)) {
    out.push_back({"mac-unconfined", apparmor_off ? "apparmor" : "selinux",
                   "no policy of the host's stands behind the checks of the kernel",
                   apparmor_off ? "AppArmor unconfined" : "SELinux label " + std::string(label),
                   Severity::kLow, Confidence::kHigh});
  }
  // Settings that are not a namespace's own belong to the host's root, whatever is mapped.
  if (proc_sys_is_open(privileges) && !subject.standing.has_user_namespace()) {
    out.push_back({"writable-proc-sys", "path:/proc/sys",
                   "kernel.core_pattern names a program that the host's kernel runs as root",
                   "/proc/sys is writable, " + subject.standing.text(),
                   subject.standing.to_kernel(Severity::kCritical), subject.standing.confidence()});
  }
}

}  // namespace meridian::privileges
