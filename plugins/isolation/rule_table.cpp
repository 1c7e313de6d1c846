// SPDX-License-Identifier: Apache-2.0
#include "rule_table.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace meridian::isolation {
namespace {

constexpr std::array kRules = {
    RuleText{"shared-kernel-privileges", Severity::kMedium,
             "Shares the host's kernel and has dangerous privileges",
             "https://gvisor.dev/docs/architecture_guide/security/",
             "Docker: run it with --runtime NAME of a sandbox in daemon.json; containerd: ctr run "
             "--runtime io.containerd.runsc.v1 or io.containerd.kata.v2; Kubernetes: a "
             "RuntimeClass whose handler is that sandbox, and runtimeClassName in the pod; or take "
             "the privileges away"},
    RuleText{"shared-kernel-untrusted", Severity::kHigh,
             "Shares the host's kernel and its image is not trusted",
             "https://gvisor.dev/docs/architecture_guide/security/",
             "Docker: run it with --runtime NAME of a sandbox in daemon.json; containerd: ctr run "
             "--runtime io.containerd.runsc.v1 or io.containerd.kata.v2; Kubernetes: a "
             "RuntimeClass whose handler is that sandbox, and runtimeClassName in the pod; or add "
             "the image to trusted_images"},
    RuleText{"sandbox-in-name-only", Severity::kHigh,
             "A runtime that is called like a sandbox and is none",
             "https://docs.docker.com/reference/cli/dockerd/#configure-container-runtimes",
             "Docker: let the runtime's path in daemon.json lead to the sandbox's own program; "
             "containerd: runtime_type and BinaryName in config.toml; Kubernetes: the same on each "
             "node that has the handler; check it from inside with dmesg"},
    RuleText{"handler-without-program", Severity::kMedium, "A runtime whose program is not there",
             "https://docs.docker.com/reference/cli/dockerd/#configure-container-runtimes",
             "install the program, or take the runtime away (Docker: runtimes in daemon.json; "
             "containerd: runtimes in config.toml; Kubernetes: the RuntimeClass that names it)"},
    RuleText{"handler-not-configured", Severity::kMedium,
             "A runtime that its engine was not told of",
             "https://docs.docker.com/reference/cli/dockerd/#configure-container-runtimes",
             "Docker: add it to runtimes in daemon.json; containerd: add "
             "plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.NAME to config.toml; "
             "Kubernetes: run the pod on a node that has the handler (scheduling.nodeSelector of "
             "the RuntimeClass)"},
    RuleText{
        "gvisor-host-network", Severity::kHigh, "gVisor with the host's network stack",
        "https://gvisor.dev/docs/user_guide/networking/",
        "take the flag out: Docker: from runtimeArgs in daemon.json; containerd and Kubernetes: "
        "from [runsc_config] in the file that ConfigPath names; then start the container anew"},
    RuleText{
        "gvisor-ptrace", Severity::kMedium, "gVisor on the platform ptrace",
        "https://gvisor.dev/docs/user_guide/platforms/",
        "use the platform systrap or kvm: Docker: --platform in runtimeArgs of daemon.json; "
        "containerd and Kubernetes: platform in [runsc_config] of the file that ConfigPath names"},
    RuleText{
        "gvisor-shared-files", Severity::kMedium,
        "gVisor shares its root file system with the host",
        "https://gvisor.dev/docs/user_guide/filesystem/",
        "take the flag out: Docker: from runtimeArgs in daemon.json; containerd and Kubernetes: "
        "from [runsc_config] in the file that ConfigPath names; then start the container anew"},
    RuleText{
        "gvisor-host-sockets", Severity::kHigh, "gVisor opens sockets or pipes of the host",
        "https://gvisor.dev/docs/user_guide/filesystem/",
        "take the flag out: Docker: from runtimeArgs in daemon.json; containerd and Kubernetes: "
        "from [runsc_config] in the file that ConfigPath names; then start the container anew"},
    RuleText{
        "gvisor-open-flags", Severity::kHigh, "gVisor without its own protection",
        "https://gvisor.dev/docs/user_guide/install/",
        "take the flag out: Docker: from runtimeArgs in daemon.json; containerd and Kubernetes: "
        "from [runsc_config] in the file that ConfigPath names; then start the container anew"},
    RuleText{
        "gvisor-debug", Severity::kLow, "gVisor logs what runs in it",
        "https://gvisor.dev/docs/user_guide/debugging/",
        "take the flag out: Docker: from runtimeArgs in daemon.json; containerd and Kubernetes: "
        "from [runsc_config] in the file that ConfigPath names; then start the container anew"},
    RuleText{"kata-debug-console", Severity::kHigh, "Kata with a debug console",
             "https://github.com/kata-containers/kata-containers/tree/main/docs",
             "set it back in Kata's configuration.toml (Docker: the file that options.ConfigPath "
             "names; containerd and Kubernetes: the handler's ConfigPath), then start the "
             "container or pod anew"},
    RuleText{"kata-debug", Severity::kLow, "Kata with debugging",
             "https://github.com/kata-containers/kata-containers/tree/main/docs",
             "set it back in Kata's configuration.toml (Docker: the file that options.ConfigPath "
             "names; containerd and Kubernetes: the handler's ConfigPath), then start the "
             "container or pod anew"},
    RuleText{"kata-host-network", Severity::kHigh, "Kata in the host's network namespace",
             "https://github.com/kata-containers/kata-containers/tree/main/docs",
             "set it back in Kata's configuration.toml (Docker: the file that options.ConfigPath "
             "names; containerd and Kubernetes: the handler's ConfigPath), then start the "
             "container or pod anew"},
    RuleText{"kata-open-annotations", Severity::kHigh, "Kata lets pods choose programs of the host",
             "https://github.com/kata-containers/kata-containers/tree/main/docs",
             "set it back in Kata's configuration.toml (Docker: the file that options.ConfigPath "
             "names; containerd and Kubernetes: the handler's ConfigPath), then start the "
             "container or pod anew"},
    RuleText{"sandbox-host-namespace", Severity::kMedium, "A sandbox in a namespace of the host",
             "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
             "Docker: run it without --pid, --network or --ipc host; containerd: without "
             "--net-host; Kubernetes: without hostPID, hostNetwork and hostIPC"},
    RuleText{"sandbox-host-path", Severity::kMedium, "Files of the host in a sandbox",
             "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
             "Docker: a volume instead of a bind mount, or readonly; containerd: without --mount "
             "type=bind; Kubernetes: another volume than hostPath, or readOnly; Kata: without "
             "sandbox_bind_mounts"},
    RuleText{"sandbox-device", Severity::kMedium, "A device of the host in a sandbox",
             "https://docs.docker.com/engine/containers/run/",
             "Docker: run it without --device; containerd: without --device; Kubernetes: without "
             "the device plugin's resource; Kata: without VFIO and vhost-user in "
             "configuration.toml; gVisor: without nvproxy"},
};

}  // namespace

std::span<const RuleText> rule_table() { return kRules; }

const RuleText& rule_text(std::string_view id) {
  const auto* const found = std::find_if(kRules.begin(), kRules.end(),
                                         [id](const RuleText& rule) { return rule.id == id; });
  if (found == kRules.end()) std::abort();
  return *found;
}

}  // namespace meridian::isolation
