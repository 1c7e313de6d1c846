// SPDX-License-Identifier: Apache-2.0
//
// container_specs.hpp: an OCI runtime spec for every container of a data root, and the privileges
// that it gives; whether what is recorded as running runs.
//
// All containers at once: one may join another's namespaces.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/tree.hpp"
#include "store/docker/daemon_settings.hpp"
#include "store/docker/records.hpp"
#include "store/engine_files.hpp"

namespace meridian::store {

/// A container on its way into the inventory.
struct ReadContainer {
  model::Container container;
  std::optional<ContainerRecord> record;  // nullopt: it could not be read
  std::string mounted_at;  // its root file system, below the data root; empty: nothing is mounted
};

using OpenLayer =
    std::function<Result<std::shared_ptr<const rootfs::Tree>>(const model::Layer& layer)>;

/// Reads hostconfig.json, the runtime's state and the bundle of each, and fills in run, mounts,
/// engine_files, host_config_json, spec, privileges and boundary. `daemon`: what is known of the
/// daemon; without its exec root the records name that. What cannot be read is a problem of that
/// container, unless it was removed meanwhile.
void add_specs(EngineFiles& files, const DaemonSettings& daemon, const OpenLayer& open_layer,
               std::vector<ReadContainer>& containers);

}  // namespace meridian::store
