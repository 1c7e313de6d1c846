// SPDX-License-Identifier: Apache-2.0
//
// running_daemons.hpp: the dockerd processes that the host's procfs shows, and what they were told.
#pragma once

#include <string>
#include <vector>

#include "store/docker/daemon_settings.hpp"
#include "store/procfs/daemons.hpp"

namespace meridian::store {

struct RunningDaemon {
  DaemonProcess process;
  DaemonSettings flags;
  bool rootless = false;
  std::string data_home, config_home, runtime_dir;  // of a rootless one; empty: unknown
};

struct RunningDaemons {
  std::vector<RunningDaemon> daemons;
  DaemonProcesses processes;  // without those of `daemons`
};

/// As find_daemons().
RunningDaemons running_daemons(const rootfs::HostRoot& host, std::vector<model::Problem>& problems);

}  // namespace meridian::store
