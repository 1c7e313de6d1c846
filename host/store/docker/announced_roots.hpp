// SPDX-License-Identifier: Apache-2.0
//
// announced_roots.hpp: which folders may be a dockerd's data root, and who says so.
#pragma once

#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"
#include "store/docker/daemon_settings.hpp"

namespace meridian::store {

struct AnnouncedRoot {
  std::string path;
  std::string found_by;   // "/etc/docker/daemon.json: data-root"
  DaemonSettings daemon;  // what else is said; its data_root is `path`
  bool in_use = false;    // by a running daemon: that it is not there is worth a line
};

/// In this order: running daemons, systemd units, files of init scripts, daemon.json, the default
/// location, snap, rootless daemons of the users in /etc/passwd. What is there and cannot be read
/// is a problem.
std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems);

}  // namespace meridian::store
