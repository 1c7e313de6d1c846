// SPDX-License-Identifier: Apache-2.0
//
// remote_lanes.hpp: plugins in processes: starts the lanes of a scan and makes its plugin set.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lane/plugin_set.hpp"
#include "lane/remote_run.hpp"

namespace meridian::lane {

struct LaneSettings {
  Patience patience;
  Spawner::Words words = Spawner::Words::kDropped;
  PatternKeep* patterns = nullptr;  // outlives the set; null: nothing is kept
};

struct StartedLanes {
  PluginSet set;
  std::vector<LoadFailure> failures;
  std::vector<std::string> notes;  // why workers of a lane load anew
};

/// `groups`: the bundles of each lane. An error: no process can be started, or the scan was ended.
/// `log` and `cancel` outlive the set.                                              [control]
Result<StartedLanes> start_lanes(std::vector<std::vector<BundleOrder>> groups,
                                 const LaneSettings& settings, const base::Log& log,
                                 const base::Cancel& cancel);

}  // namespace meridian::lane
