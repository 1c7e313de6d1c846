// SPDX-License-Identifier: Apache-2.0
//
// lane_main.hpp: the process `meridian lane`: the plugins' side of a lane. Sandbox first, then the
// bundles, then workers as the supervisor orders them.
#pragma once

namespace meridian::lane {

/// The socket to the supervisor.
inline constexpr int kLaneSocket = 3;

/// The exit status. Ends when the socket does. Only for a process that the supervisor started.
int lane_main();

}  // namespace meridian::lane
