// SPDX-License-Identifier: Apache-2.0
//
// setting_table.hpp: which settings of a sandbox's runtime open it, as data.
//
// Facts: gVisor, runsc/config/flags.go and the user guide (gvisor.dev/docs/user_guide); Kata,
// src/runtime/config/configuration-qemu.toml.in and docs/how-to.
#pragma once

#include <string_view>

#include <meridian/finding.hpp>
#include <meridian/isolation.hpp>

namespace meridian::isolation {

/// What one setting is worth to who is inside.
struct SettingWorth {
  Boundary boundary;      // of which kind of sandbox it is one
  std::string_view name;  // "network"; a part "*" is any: "hypervisor.*.enable_debug"
  std::string_view
      value;  // "host"; "*": all but "", "0", "false", "none" and "no-port"; "~x": has x in it
  std::string_view rule;
  Severity severity;
  std::string_view message;
};

/// The entry that fits, or null.
const SettingWorth* worth_of(Boundary boundary, std::string_view name, std::string_view value);

}  // namespace meridian::isolation
