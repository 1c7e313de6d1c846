// SPDX-License-Identifier: Apache-2.0
//
// seccomp_policy.hpp: which system calls each step of the sandbox allows. An allowlist: what is in
// no list is refused, and named by SIGSYS.
//
// Not refused but failing quietly, since ordinary libraries probe for them and have another way:
// clone3 and openat2 (ENOSYS), arch_prctl (EINVAL).
#pragma once

#include <sys/types.h>

#include "lane/sandbox.hpp"
#include "lane/seccomp.hpp"

namespace meridian::lane {

/// What glibc's fork() passes to clone; exactly this may ask for a fork.
inline constexpr std::uint32_t kForkFlags = 0x01200011;    // CHILD_SETTID, CHILD_CLEARTID, SIGCHLD
inline constexpr std::uint32_t kThreadFlags = 0x003d0f00;  // what pthread_create passes to clone

/// Step 1. `self`: the pid that may be signalled in kSingle; in kFork signals ask. `landlock`:
/// without, opening to write is refused here.
SeccompFilter lane_filter(const SandboxNeeds& needs, ForkMode mode, pid_t self, bool landlock,
                          bool listened);

/// Step 2, on top: no executable memory unless declared, no more Landlock layers; without Landlock
/// no opening at all unless there is scratch.
SeccompFilter second_filter(const SandboxNeeds& needs, bool landlock);

/// Step 3, on top: no process, no signal but to `self`, no more filters. Loaded at once, in every
/// worker: written by hand, since what libseccomp takes to compose it (memory above all, which a
/// fork has to copy) is a tenth of a fresh worker's time.
Result<void> load_worker_filter(pid_t self);

/// The host's own: no file by handle (with CAP_DAC_READ_SEARCH that reaches out of a container).
SeccompFilter host_filter();

/// The host's own where it was told to write no file (MERIDIAN_WRITES=none): nothing is opened to
/// be written, no name is made, renamed or removed, no mode, owner or attribute set. What it
/// started inherits it.
SeccompFilter read_only_filter();

/// The host's own, while it reads images: nothing is truncated through a path, nor by opening
/// without writing. (Where Landlock restricts truncation the kernel walks up to the root for every
/// file that is opened to be read, 4 us each, a sixth of what a small file costs.)
SeccompFilter truncation_filter();

}  // namespace meridian::lane
