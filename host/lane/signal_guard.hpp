// SPDX-License-Identifier: Apache-2.0
//
// signal_guard.hpp: signal handlers of a process that runs plugins. They write into its flight page
// what ended it and which system calls the sandbox refused.
//
// A plugin can replace every handler but that of SIGSYS (the sandbox refuses that); what then ends
// the process is still in its wait status, without address.
#pragma once

#include <cstdint>
#include <string>

#include "lane/flight_page.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

/// Before enter_lane(), once, on the main thread: `page` must live as long as the process.
///
/// SIGSYS: sets the bit of the call, and the call returns -EPERM. SIGSEGV, SIGBUS, SIGILL, SIGFPE,
/// SIGABRT, SIGTRAP, SIGXFSZ, SIGXCPU: writes signal, si_code and address, then the process ends by
/// that signal. Runs on a stack of its own, so an overflow of the main thread's is seen; one of a
/// plugin's thread is in the wait status alone.
Result<void> install_signal_guard(FlightPage* page);

/// In a forked worker: its own page instead of the lane's.
void use_flight_page(FlightPage* page);

/// "socket"; "call 999" if it has no name. For the supervisor, of this machine's architecture.
std::string call_name(std::uint32_t number);

}  // namespace meridian::lane
