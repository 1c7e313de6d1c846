// SPDX-License-Identifier: Apache-2.0
//
// worker.hpp: the loop of a worker process: units as they arrive, in the plugins of its lane.
#pragma once

#include "base/cancel.hpp"
#include "lane/channel.hpp"
#include "lane/flight_page.hpp"
#include "lane/plugin_set.hpp"

namespace meridian::lane {

/// The supervisor asked the plugins to end too (a lane that is itself the worker).
inline constexpr int kWorkerShutDown = 64;

/// Until the other side closes. The exit status, or kWorkerShutDown.
int run_worker(const LoadedSet& set, Channel& channel, FlightPage& page,
               const base::Cancel& cancel);

}  // namespace meridian::lane
