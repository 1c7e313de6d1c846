// SPDX-License-Identifier: Apache-2.0
//
// image_stores.hpp: the stores of one data root: its storage driver's, containerd's, or both after
// a change from one to the other.
//
// What says that a data root has a containerd image store is the data root itself, not daemon.json:
// an option in a file may be younger than the daemon. Its containerd is <data
// root>/containerd/daemon if dockerd runs its own, else the system's, whose root is what its
// configuration says; where both have something, both are read.
#pragma once

#include <memory>
#include <vector>

#include "rootfs/host_root.hpp"
#include "store/docker/data_root.hpp"
#include "store/store.hpp"

namespace meridian::store {

/// At least one. One that should be there and is not found is a problem.
std::vector<std::unique_ptr<Store>> open_image_stores(const rootfs::HostRoot& host,
                                                      archive::Unpacker& unpacker,
                                                      const DataRoot& root,
                                                      std::vector<model::Problem>& problems);

}  // namespace meridian::store
