// SPDX-License-Identifier: Apache-2.0
//
// data_root.hpp: whether a folder is dockerd's data root, and which folders may be one.
#pragma once

#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"
#include "store/docker/records.hpp"

namespace meridian::store {

/// A folder of dockerd, on its way to the stores in it.
struct DataRoot {
  model::HostPath path;
  std::string found_by;
  /// Where the daemon keeps what runs, a path of its machine; empty: its containers' records say.
  std::string exec_root = {};
};

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

/// What /etc/docker/daemon.json says, if it is of the daemon that has this data root; else nothing.
/// One that cannot be read is a problem of announced_roots().
DaemonConfig config_of(const rootfs::HostRoot& host, const model::HostPath& data_root);

}  // namespace meridian::store
