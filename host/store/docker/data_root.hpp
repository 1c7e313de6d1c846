// SPDX-License-Identifier: Apache-2.0
//
// data_root.hpp: whether a folder is dockerd's data root.
#pragma once

#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"
#include "store/docker/daemon_settings.hpp"

namespace meridian::store {

/// A folder of dockerd, on its way to the stores in it.
struct DataRoot {
  model::HostPath path;
  std::string found_by;
  /// What its daemon was told, as far as anybody says. Without an exec root, a path of its machine,
  /// its containers' records say it.
  DaemonSettings daemon = {};
  std::string version = {};  // of the dockerd that is installed; empty: not known
};

/// It has containers/ and one of image/*/repositories.json, image/*/imagedb, containerd/daemon,
/// engine-id. The error says why it is none; kNotFound if it is not there or is something else.
Result<void> check_data_root(const rootfs::HostRoot& host, const model::HostPath& path);

/// With "userns-remap" the daemon keeps everything in <data root>/<uid>.<gid>: those.
std::vector<model::HostPath> remapped_roots(const rootfs::HostRoot& host,
                                            const model::HostPath& path);

}  // namespace meridian::store
