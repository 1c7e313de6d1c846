// SPDX-License-Identifier: Apache-2.0
//
// runtime_settings.hpp: what a runtime was told, by its command line or its configuration file.
//
// Facts: gVisor, runsc/config/flags.go and its user guide on containerd (runsc.toml); Kata,
// src/runtime/config/configuration-qemu.toml.in. No judgement is made here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/kernel_boundary.hpp"

namespace meridian::store {

/// Of one runtime; Kata's longest configuration has a hundred.
inline constexpr std::size_t kMaxSettings = 1000;

/// Of flags as Go reads them: "--platform=ptrace", "-debug", "--platform ptrace".
std::vector<model::RuntimeSetting> settings_of_arguments(const std::vector<std::string>& words,
                                                         const std::string& source);

/// Of runsc.toml: what stands in [runsc_config], by the names of runsc's flags. Any text.
Result<std::vector<model::RuntimeSetting>> settings_of_runsc(std::string_view toml,
                                                             const std::string& source);

/// Of Kata's configuration.toml: "hypervisor.qemu.enable_debug",
/// "agent.kata.debug_console_enabled". Any text.
Result<std::vector<model::RuntimeSetting>> settings_of_kata(std::string_view toml,
                                                            const std::string& source);

}  // namespace meridian::store
