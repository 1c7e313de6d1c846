// SPDX-License-Identifier: Apache-2.0
//
// containers.hpp: the containers of a data root: containers/<id>, image/overlay2/layerdb/mounts.
#pragma once

#include <vector>

#include "model/inventory.hpp"
#include "store/docker/container_specs.hpp"
#include "store/docker/engine_files.hpp"
#include "store/docker/layer_db.hpp"

namespace meridian::store {

/// Every container whose record or layers can be read, in the order of their ids, with its layers;
/// how it runs is for add_specs(). `images` are this data root's.
std::vector<ReadContainer> read_containers(EngineFiles& files, LayerDb& layers,
                                           const std::vector<model::Image>& images);

}  // namespace meridian::store
