// SPDX-License-Identifier: Apache-2.0
#include "rule_table.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace meridian::privileges {
namespace {

constexpr std::string_view kCapabilities =
    "https://man7.org/linux/man-pages/man7/capabilities.7.html";
constexpr std::string_view kDockerSecurity = "https://docs.docker.com/engine/security/";
constexpr std::string_view kBindMounts = "https://docs.docker.com/engine/storage/bind-mounts/";
constexpr std::string_view kDropIt =
    "do not add the capability; give the one operation that needs it to a helper outside";

constexpr std::array kRules = {
    RuleText{"privileged", Severity::kCritical, "Privileged container",
             "https://docs.docker.com/engine/containers/run/",
             "run it without --privileged, and add the one capability or device that it needs"},
    // Capabilities.
    RuleText{"cap-sys-admin", Severity::kCritical,
             "CAP_SYS_ADMIN: may mount what leads to the host",
             "https://man7.org/linux/man-pages/man7/cgroups.7.html", kDropIt},
    RuleText{"cap-sys-module", Severity::kCritical, "CAP_SYS_MODULE: may load kernel modules",
             "https://man7.org/linux/man-pages/man2/init_module.2.html",
             "do not add the capability; load the module on the host, before the container starts"},
    RuleText{"cap-dac-read-search", Severity::kCritical,
             "CAP_DAC_READ_SEARCH: may open the host's files by handle",
             "https://man7.org/linux/man-pages/man2/open_by_handle_at.2.html", kDropIt},
    RuleText{"cap-sys-rawio", Severity::kHigh,
             "CAP_SYS_RAWIO: may talk to hardware past the kernel",
             "https://man7.org/linux/man-pages/man2/iopl.2.html", kDropIt},
    RuleText{"cap-sys-boot", Severity::kHigh, "CAP_SYS_BOOT: may start another kernel",
             "https://man7.org/linux/man-pages/man2/kexec_load.2.html",
             "do not add the capability, or keep the engine's seccomp profile"},
    RuleText{"cap-bpf", Severity::kHigh, "CAP_BPF and CAP_PERFMON: may read kernel memory",
             "https://man7.org/linux/man-pages/man2/bpf.2.html", kDropIt},
    RuleText{"extra-capabilities", Severity::kLow, "Capabilities beyond the engine's default",
             kCapabilities, "add only those that the program is seen to need"},
    // Namespaces.
    RuleText{"host-pid-ptrace", Severity::kCritical,
             "The host's processes, with CAP_SYS_PTRACE to enter them",
             "https://man7.org/linux/man-pages/man2/ptrace.2.html",
             "run it without --pid host, or without CAP_SYS_PTRACE"},
    RuleText{"host-pid", Severity::kHigh, "The host's process ids",
             "https://man7.org/linux/man-pages/man7/pid_namespaces.7.html",
             "run it without --pid host"},
    RuleText{"host-network-admin", Severity::kHigh,
             "The host's network, with CAP_NET_ADMIN to change it",
             "https://man7.org/linux/man-pages/man7/network_namespaces.7.html",
             "run it without --network host, or without CAP_NET_ADMIN"},
    RuleText{"host-network", Severity::kMedium, "The host's network",
             "https://man7.org/linux/man-pages/man7/network_namespaces.7.html",
             "publish the ports that it needs instead of --network host"},
    RuleText{"host-ipc", Severity::kMedium, "The host's shared memory",
             "https://man7.org/linux/man-pages/man7/ipc_namespaces.7.html",
             "run it without --ipc host; containers share with --ipc container:NAME"},
    RuleText{"host-uts", Severity::kLow, "The host's name",
             "https://man7.org/linux/man-pages/man7/uts_namespaces.7.html",
             "run it without --uts host"},
    RuleText{"host-mount-namespace", Severity::kCritical, "The host's mounts",
             "https://man7.org/linux/man-pages/man7/mount_namespaces.7.html",
             "give it a mount namespace of its own"},
    // What the kernel is asked to refuse.
    RuleText{"no-seccomp", Severity::kMedium, "No seccomp filter",
             "https://docs.docker.com/engine/security/seccomp/",
             "run it without seccomp=unconfined; a profile of its own can add single calls"},
    RuleText{"mac-unconfined", Severity::kLow, "Not confined by AppArmor or SELinux",
             "https://docs.docker.com/engine/security/apparmor/",
             "run it without apparmor=unconfined and without an unconfined label"},
    RuleText{"writable-proc-sys", Severity::kCritical, "The kernel's settings can be written",
             "https://man7.org/linux/man-pages/man5/core.5.html",
             "run it without systempaths=unconfined; set what it needs with --sysctl"},
    // Devices.
    RuleText{"all-devices", Severity::kCritical, "Every device of the host", kDockerSecurity,
             "name the devices that it needs with --device"},
    RuleText{"host-disk-device", Severity::kCritical, "A disk of the host", kDockerSecurity,
             "mount the folder that it needs instead of giving it the disk"},
    RuleText{"host-device", Severity::kHigh, "A device that controls the host", kDockerSecurity,
             "run it without that device"},
    // Mounts.
    RuleText{"engine-socket", Severity::kCritical, "The container engine's socket",
             "https://docs.docker.com/engine/security/protect-access/",
             "do not mount the socket; put a proxy that allows single requests in front of it"},
    RuleText{"host-service-socket", Severity::kCritical,
             "The socket of a service that runs as root",
             "https://man7.org/linux/man-pages/man5/org.freedesktop.systemd1.5.html",
             "do not mount the socket"},
    RuleText{"host-root-mount", Severity::kCritical, "The host's root file system", kBindMounts,
             "mount only the folder that it needs, read-only"},
    RuleText{"engine-state-mount", Severity::kCritical, "What the engine keeps of all containers",
             kBindMounts, "mount a volume of its own, or the one file that it needs, read-only"},
    RuleText{"host-config-mount", Severity::kCritical, "The host's configuration", kBindMounts,
             "mount the one file that it needs, read-only"},
    RuleText{"host-home-mount", Severity::kCritical, "Home folders of the host's users",
             kBindMounts, "mount the one folder that it needs, read-only"},
    RuleText{"host-programs-mount", Severity::kCritical, "Programs that the host runs", kBindMounts,
             "mount it read-only"},
    RuleText{"host-proc-mount", Severity::kCritical, "The host's /proc",
             "https://man7.org/linux/man-pages/man5/proc.5.html",
             "do not mount it; set what it needs with --sysctl"},
    RuleText{"host-sys-mount", Severity::kCritical, "The host's /sys",
             "https://man7.org/linux/man-pages/man5/sysfs.5.html",
             "mount the one folder that it needs, read-only"},
    RuleText{"host-cgroup-mount", Severity::kMedium, "The host's control groups can be written",
             "https://man7.org/linux/man-pages/man7/cgroups.7.html", "mount it read-only"},
    RuleText{"host-dev-mount", Severity::kLow, "The host's /dev", kDockerSecurity,
             "name the devices that it needs with --device"},
    RuleText{"shared-mount", Severity::kHigh, "Its mounts appear on the host",
             "https://man7.org/linux/man-pages/man7/mount_namespaces.7.html",
             "mount it with rslave or rprivate propagation, or without CAP_SYS_ADMIN"},
};

}  // namespace

std::span<const RuleText> rule_table() { return kRules; }

const RuleText& rule_text(std::string_view id) {
  const auto* const found = std::find_if(kRules.begin(), kRules.end(),
                                         [id](const RuleText& rule) { return rule.id == id; });
  if (found == kRules.end()) std::abort();
  return *found;
}

}  // namespace meridian::privileges
