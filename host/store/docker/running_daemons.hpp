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
  std::int64_t pid = 0;
  DaemonSettings flags;
  bool rootless = false;
  std::string data_home, config_home, runtime_dir;  // of a rootless one; empty: unknown
  std::vector<NamespaceMount> mounts;  // of its own mount namespace; empty: the machine's
};

/// Of /proc below the host root; none without one. More than 64 are a problem `limit`.
std::vector<RunningDaemon> running_daemons(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems);

/// Mounts of the machine itself: of its process 1.
std::vector<NamespaceMount> machine_mounts(const rootfs::HostRoot& host);

}  // namespace meridian::store
