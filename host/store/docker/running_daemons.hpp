// SPDX-License-Identifier: Apache-2.0
//
// running_daemons.hpp: the dockerd processes that the host's procfs shows.
//
// A process says of itself that it is dockerd, so what it names is a place to look at, no more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"
#include "store/docker/daemon_settings.hpp"
#include "store/docker/mount_table.hpp"

namespace meridian::store {

struct RunningDaemon {
  std::uint64_t pid = 0;
  DaemonSettings flags;
  bool rootless = false;
  std::string data_home, config_home, runtime_dir;  // of a rootless one; empty: unknown
  /// Whether its mount namespace may be another than the machine's, and what is mounted there.
  bool elsewhere = false;
  std::vector<NamespaceMount> mounts;
};

struct RunningDaemons {
  std::vector<RunningDaemon> daemons;
  std::vector<NamespaceMount> machine_mounts;  // of process 1; only if one is elsewhere
};

/// Of /proc below the host root; none without one. More than 64 are a problem `limit`, processes
/// that could not be asked one of kind `privilege`.
RunningDaemons running_daemons(const rootfs::HostRoot& host, std::vector<model::Problem>& problems);

}  // namespace meridian::store
