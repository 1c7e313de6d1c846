// SPDX-License-Identifier: Apache-2.0
//
// kernel_boundary.hpp: which kernel a container's processes call, and what its runtime was told.
// Values; who finds them out is store/kernel_boundary.
#pragma once

#include <string>
#include <vector>

namespace meridian::model {

enum class Boundary {
  kUnknown,
  kSharedKernel,       // the host's: runc, crun, youki
  kApplicationKernel,  // a kernel in user space: gVisor
  kMicroVm,            // one of its own in a virtual machine: Kata, Firecracker
};
const char* to_text(Boundary boundary);  // "unknown", "shared-kernel", ...

/// What stands behind a handler's name.
enum class HandlerState {
  kUnknown,        // it could not be looked at, or nothing says what it is
  kReady,          // its program is there
  kNoProgram,      // it is not, in none of the places where an engine looks
  kNotConfigured,  // no settings of the engine that were found have that name
};
const char* to_text(HandlerState state);  // "unknown", "ready", "no-program", "not-configured"

/// Something that a runtime was told, by its command line or its configuration file.
struct RuntimeSetting {
  std::string name;    // "platform", "agent.kata.debug_console_enabled"
  std::string value;   // "ptrace", "true"; of a flag without one "true"; of a list "a,b"
  std::string source;  // "/etc/docker/daemon.json", "the daemon's runtimes: runsc: runtimeArgs"
};

struct KernelBoundary {
  Boundary kind = Boundary::kUnknown;
  std::string runtime;                // "runc", "gVisor", "Kata with QEMU"; empty: not known
  std::vector<std::string> evidence;  // "FILE: FIELD = VALUE", in the order of the conclusion
  std::string handler;                // as the engine calls it; empty: its default
  HandlerState state = HandlerState::kUnknown;
  bool is_default = false;               // what the engine takes for who names none
  std::string program;                   // as configured: a path, a name, a type of shim
  std::string binary;                    // where that leads after all links; empty: it is not there
  std::vector<RuntimeSetting> settings;  // in the order of their sources
};

}  // namespace meridian::model
