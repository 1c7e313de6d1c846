// SPDX-License-Identifier: Apache-2.0
//
// containers.hpp: the containers of one namespace: their records in meta.db, what Kubernetes'
// plugin and the shims keep beside it, and the snapshots that they stand on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "store/containerd/config.hpp"
#include "store/containerd/images.hpp"
#include "store/containerd/layers.hpp"
#include "store/containerd/metadata.hpp"
#include "store/engine_files.hpp"

namespace meridian::store::containerd {

/// What is known of the containerd beside its root.
struct Daemon {
  model::HostPath state;         // its state directory
  std::optional<Config> config;  // nullopt: not known
};

/// In the order of their ids. `files` are those of containerd's root.
/// What cannot be read of one is a problem of it and the rest goes on; of one that is removed
/// meanwhile there may be problems that its files are gone.
std::vector<model::Container> read_containers(EngineFiles& files, const Daemon& daemon,
                                              const Metadata& metadata, Layers& layers,
                                              const ImageList& images);

}  // namespace meridian::store::containerd
