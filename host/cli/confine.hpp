// SPDX-License-Identifier: Apache-2.0
//
// confine.hpp: what the host takes from itself, for good: the first step before it reads what
// strangers wrote, the second before it reads images.
//
// Two steps, before other threads. The second costs the sight of other processes (/proc/PID/exe,
// ns/, fd/), whatever the capabilities. So `scan` looks at those of containers from a thread that
// it started before: a path that leads astray meets Landlock, foreign code in this process could
// use that thread. Foreign code has its own processes (host/lane/sandbox.hpp).
#pragma once

#include <string>
#include <vector>

#include "lane/sandbox_level.hpp"
#include "meridian/result.hpp"

namespace meridian::cli {

/// MERIDIAN_WRITES=none, what `meridian deploy` says where no folder is writable. Its container
/// refuses most of it too, but for what the engine needs to start the program: opening to write.
bool gives_up_writing();

/// First thing of every command: not dumpable, no core, no new privileges; open_by_handle_at and
/// name_to_handle_at fail with EPERM (with CAP_DAC_READ_SEARCH they reach out of a container,
/// lab.md, 1). What this environment does not allow is missing in the level.
lane::SandboxLevel confine_host();

/// Nothing is written, created, removed or truncated any more but below `folders`, the scratch
/// folder ($TMPDIR, /tmp) and where the reports go; truncate(2), and openat2(2), which could
/// truncate unseen, fail everywhere. Reading, executing and descriptors that are
/// open already stay as they are. `reports`: paths of --output; a report is written beside its name
/// and renamed, so its folder stays writable. kUnsupported: there is no Landlock.
Result<void> confine_writes(const std::vector<std::string>& reports,
                            const std::vector<std::string>& folders);

}  // namespace meridian::cli
