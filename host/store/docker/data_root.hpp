// SPDX-License-Identifier: Apache-2.0
//
// data_root.hpp: whether a folder is dockerd's data root, and which folders may be one.
#pragma once

#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

/// It has containers/ and one of image/*/repositories.json, image/*/imagedb, containerd/daemon,
/// engine-id. The error says why it is none; kNotFound if it is not there or is something else.
Result<void> check_data_root(const rootfs::HostRoot& host, const model::HostPath& path);

/// With "userns-remap" the daemon keeps everything in <data root>/<uid>.<gid>: those.
std::vector<model::HostPath> remapped_roots(const rootfs::HostRoot& host,
                                            const model::HostPath& path);

struct AnnouncedRoot {
  std::string path;
  std::string found_by;
};
/// Of daemon.json and by default, in this order. A daemon.json that cannot be read is a problem.
std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems);

}  // namespace meridian::store
