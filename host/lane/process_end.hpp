// SPDX-License-Identifier: Apache-2.0
//
// process_end.hpp: how a process of a lane ended, and what that says of the plugin it was in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "finding/gap.hpp"
#include "lane/recorder.hpp"

namespace meridian::lane {

/// Why the supervisor gave a process up; kEnded: it did not, the process ended by itself.
enum class GivenUp { kEnded, kTimeout, kProtocol, kStopped };

struct ProcessEnd {
  GivenUp given_up = GivenUp::kEnded;
  std::string detail;         // of kTimeout and kProtocol
  std::optional<int> status;  // as waitpid(2); unknown when its lane died with it
  InFlight in_flight;
  std::uint32_t signal = 0;  // as its own handler saw it; 0: none
  std::uint64_t address = 0;
};

/// A fault in words: "layer_file: ended by SIGSEGV at address 0x0".
struct Fault {
  finding::GapKind kind = finding::GapKind::kCrash;
  std::optional<std::uint32_t> plugin;  // index in the lane; nobody: no plugin was being called
  std::string path;
  std::string message;
};
Fault fault_of(const ProcessEnd& end);

/// Whether it may have been somebody from outside: killed, by a signal that we did not send.
bool may_be_foreign(const ProcessEnd& end);

}  // namespace meridian::lane
