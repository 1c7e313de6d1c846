// SPDX-License-Identifier: Apache-2.0
//
// sandbox_probe.hpp: the sandbox tried out, not guessed: which level a lane reaches here.
#pragma once

#include "lane/sandbox_level.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

/// Forks a process that goes through the steps of a lane that loads no plugin, and ends. The caller
/// has one thread. An error: it could not be forked, or did not come through.
Result<SandboxLevel> probe_sandbox();

}  // namespace meridian::lane
