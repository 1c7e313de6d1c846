// SPDX-License-Identifier: Apache-2.0
#include "setting_table.hpp"

#include <algorithm>
#include <array>

namespace meridian::isolation {
namespace {

constexpr Boundary kGvisor = Boundary::kApplicationKernel;
constexpr Boundary kVm = Boundary::kMicroVm;

constexpr std::array kSettings = {
    // gVisor: names of runsc's flags, which runsc.toml has too.
    SettingWorth{kGvisor, "network", "host", "gvisor-host-network", Severity::kHigh,
                 "its network calls go to the host's kernel, past gVisor's own network stack"},
    SettingWorth{kGvisor, "platform", "ptrace", "gvisor-ptrace", Severity::kMedium,
                 "the platform ptrace is no longer cared for by gVisor, and slow"},
    SettingWorth{kGvisor, "file-access", "shared", "gvisor-shared-files", Severity::kMedium,
                 "its root file system is shared with the host while it runs"},
    SettingWorth{kGvisor, "overlay2", "none", "gvisor-shared-files", Severity::kLow,
                 "what it writes to its root file system goes to the host's, file by file"},
    SettingWorth{kGvisor, "host-uds", "*", "gvisor-host-sockets", Severity::kHigh,
                 "it may open Unix sockets of the host that are mounted into it"},
    SettingWorth{kGvisor, "fsgofer-host-uds", "*", "gvisor-host-sockets", Severity::kHigh,
                 "it may open Unix sockets of the host that are mounted into it"},
    SettingWorth{kGvisor, "host-fifo", "*", "gvisor-host-sockets", Severity::kMedium,
                 "it may open named pipes of the host that are mounted into it"},
    SettingWorth{kGvisor, "nvproxy", "*", "sandbox-device", Severity::kMedium,
                 "calls to the NVIDIA driver go to the host's kernel"},
    SettingWorth{kGvisor, "tpuproxy", "*", "sandbox-device", Severity::kMedium,
                 "calls to TPU devices go to the host's kernel"},
    SettingWorth{kGvisor, "allow-flag-override", "*", "gvisor-open-flags", Severity::kMedium,
                 "who sets annotations of the container sets flags of its sandbox"},
    SettingWorth{kGvisor, "TESTONLY-unsafe-nonroot", "*", "gvisor-open-flags", Severity::kHigh,
                 "the sandbox does not protect itself from what it runs: for tests only"},
    SettingWorth{kGvisor, "ignore-cgroups", "*", "gvisor-open-flags", Severity::kLow,
                 "no limits of memory, CPU and processes are set for the sandbox"},
    SettingWorth{kGvisor, "debug", "*", "gvisor-debug", Severity::kLow,
                 "the sandbox logs what runs in it"},
    SettingWorth{kGvisor, "strace", "*", "gvisor-debug", Severity::kLow,
                 "every system call and its arguments, passwords among them, are logged"},
    SettingWorth{kGvisor, "log-packets", "*", "gvisor-debug", Severity::kLow,
                 "every network packet is logged"},
    SettingWorth{kGvisor, "profile", "*", "gvisor-debug", Severity::kLow,
                 "profiling is on, which opens more of the host to the sandbox's own process"},
    // Kata: paths in configuration.toml.
    SettingWorth{kVm, "agent.kata.debug_console_enabled", "*", "kata-debug-console",
                 Severity::kHigh,
                 "a root shell of the guest listens for whoever reaches its socket"},
    SettingWorth{kVm, "agent.kata.enable_debug", "*", "kata-debug", Severity::kLow,
                 "the guest's agent logs what it is asked"},
    SettingWorth{
        kVm, "hypervisor.*.enable_debug", "*", "kata-debug", Severity::kLow,
        "the hypervisor's debugging is on, and the guest's console goes to the host's log"},
    SettingWorth{kVm, "runtime.enable_debug", "*", "kata-debug", Severity::kLow,
                 "the runtime logs what it is asked"},
    SettingWorth{kVm, "runtime.disable_new_netns", "*", "kata-host-network", Severity::kHigh,
                 "the virtual machine runs in the host's network namespace"},
    SettingWorth{kVm, "runtime.sandbox_bind_mounts", "*", "sandbox-host-path", Severity::kMedium,
                 "folders of the host are shared with every sandbox"},
    SettingWorth{kVm, "hypervisor.*.hotplug_vfio_on_root_bus", "*", "sandbox-device",
                 Severity::kMedium, "devices of the host may be passed through to the guest"},
    SettingWorth{kVm, "hypervisor.*.hot_plug_vfio", "*", "sandbox-device", Severity::kMedium,
                 "devices of the host may be passed through to the guest"},
    SettingWorth{kVm, "hypervisor.*.cold_plug_vfio", "*", "sandbox-device", Severity::kMedium,
                 "devices of the host may be passed through to the guest"},
    SettingWorth{kVm, "hypervisor.*.enable_vhost_user_store", "*", "sandbox-device",
                 Severity::kMedium, "vhost-user devices of the host may be given to the guest"},
    SettingWorth{kVm, "hypervisor.*.enable_annotations", "~path", "kata-open-annotations",
                 Severity::kHigh,
                 "who sets annotations of a pod chooses programs that the host runs as root"},
    SettingWorth{kVm, "hypervisor.*.enable_annotations", "~.*", "kata-open-annotations",
                 Severity::kHigh,
                 "who sets annotations of a pod chooses programs that the host runs as root"},
};

bool name_fits(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
  if (name.size() <= before.size() + after.size()) return false;
  const std::string_view part = name.substr(star, name.size() - before.size() - after.size());
  return name.substr(0, star) == before && name.substr(name.size() - after.size()) == after &&
         part.find('.') == std::string_view::npos;
}

bool value_fits(std::string_view wanted, std::string_view value) {
  constexpr std::array<std::string_view, 5> kOff = {"", "0", "false", "none", "no-port"};
  if (wanted == "*") return std::find(kOff.begin(), kOff.end(), value) == kOff.end();
  if (wanted.front() == '~') return value.find(wanted.substr(1)) != std::string_view::npos;
  return wanted == value;
}

}  // namespace

const SettingWorth* worth_of(Boundary boundary, std::string_view name, std::string_view value) {
  const auto* const found =
      std::find_if(kSettings.begin(), kSettings.end(), [&](const SettingWorth& one) {
        return one.boundary == boundary && name_fits(one.name, name) &&
               value_fits(one.value, value);
      });
  return found == kSettings.end() ? nullptr : found;
}

}  // namespace meridian::isolation
