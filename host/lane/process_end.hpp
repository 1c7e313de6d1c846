// SPDX-License-Identifier: Apache-2.0
//
// process_end.hpp: how a process of a lane ended, and what that says of the plugin it was in.
#pragma once

#include <sys/types.h>

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
  bool sent_by_other = false;      // that signal
  bool stopped = false;            // by SIGSTOP, when it was given up
  bool allocation_failed = false;  // while it was in the operation in flight
  bool oom_kill = false;           // the kernel has killed for want of memory while it ran
};

/// A fault in words: "layer_file: ended by SIGSEGV at address 0x0".
struct Fault {
  finding::GapKind kind = finding::GapKind::kCrash;
  std::optional<std::uint32_t> plugin;  // index in the lane; nobody: no plugin was being called
  std::string path;
  std::string message;
};
Fault fault_of(const ProcessEnd& end);

/// "SIGSEGV"; "signal 40" if it has no name.
std::string signal_name(int number);

/// Processes that the kernel has killed for want of memory since it began; nothing: it does not
/// say.
std::optional<std::uint64_t> oom_kills();

/// Whether a debugger's or a shell's SIGSTOP, or its own, holds it.
bool is_stopped(pid_t process);

/// What is told of an end by its page, and by oom_kills() as they were when it began.
void note_end(const FlightPage& page, std::optional<std::uint64_t> oom_kills_before,
              ProcessEnd& end);

/// Whether it may have been somebody from outside: ended by a signal that we did not send and that
/// is no fault of a program.
bool may_be_foreign(const ProcessEnd& end);
/// Whether only its own code can have ended it so: what may be remembered against a plugin.
bool is_own_fault(const ProcessEnd& end);

}  // namespace meridian::lane
