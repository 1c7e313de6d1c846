// SPDX-License-Identifier: Apache-2.0
//
// sandbox.hpp: what a lane process gives up before it loads a plugin, and more of it afterwards.
//
// Three steps, each only ever stricter, each called while the process has one thread:
//   enter_lane()          before any plugin byte is mapped: constructors run inside it
//   enter_second_stage()  plugins are loaded and configured; no target has been seen
//   enter_worker()        in each forked worker, or in the lane that is itself the one worker
// What must hold against a malicious plugin is in the first: whoever ran code in the process may
// have bent the later two, which guard against hostile bytes that take over an honest plugin.
//
// Refused calls raise SIGSYS, so install_signal_guard() first: its handler notes the call and lets
// it fail with EPERM. Opening a path that is not allowed is an ordinary EACCES, by Landlock.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/unique_fd.hpp"
#include "lane/sandbox_level.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

/// What the bundles of a lane declared.
struct SandboxNeeds {
  std::uint64_t memory = 0;      // bytes of address space; 0: kLaneMemory
  std::uint64_t data = 0;        // bytes of mapped databases, beside that
  std::uint64_t file_bytes = 0;  // size that a written file may reach, scratch or a spool it was
                                 // given; 0: kScratchFile with scratch, no byte without
  bool threads = false;
  bool jit = false;     // new executable memory after loading
  std::string scratch;  // absolute directory that it may fill; empty: none
};

/// Rules of the largest scanners known take 1.5 GB; arenas and stacks of threads are address space
/// that nobody touches.
inline constexpr std::uint64_t kLaneMemory = 4ull << 30;
inline constexpr std::uint64_t kScratchFile = 256ull << 20;
/// Libraries, the socket, some batches of descriptors.
inline constexpr std::uint64_t kLaneFiles = 1024;

/// kFork: calls that fork or signal ask whoever holds the listener (fork_warden.hpp).
/// kSingle: no fork at all; signals only to itself. With threads, who wants one asks likewise.
/// kOwn: forks and signals as it likes, being code of the host's that sees nobody's bytes: that is
/// what its children are for, after enter_worker().
enum class ForkMode { kFork, kSingle, kOwn };

struct Entered {
  SandboxLevel level;
  base::UniqueFd listener;  // for ForkWarden::add(), over the socket; none: the mode is kSingle,
                            // and threads are not counted
};

/// What the environment does not allow is a missing part of the level, never an error. An error:
/// scratch is no directory, or the process has threads. Afterwards memfd_create is refused: what
/// is dlopened through /proc/self/fd/N comes as sealed descriptors from the supervisor. The
/// lane's socket must not be a datagram one, since send to any address would be open to it.
Result<Entered> enter_lane(const SandboxNeeds& needs, ForkMode wanted);

/// No file but scratch, no new executable memory unless `jit`. An error: a part that the level has
/// could not be tightened.
Result<void> enter_second_stage(const SandboxNeeds& needs, const SandboxLevel& level);

/// No process is made, none but itself is signalled, nothing may be installed any more. `parent`:
/// whose death ends this process: the lane of a forked worker; for a single lane what getppid() was
/// at its start. kCancelled: it is dead already.
Result<void> enter_worker(const SandboxLevel& level, pid_t parent);

}  // namespace meridian::lane
