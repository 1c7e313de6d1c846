// SPDX-License-Identifier: Apache-2.0
//
// containers.hpp: the containers of a data root: containers/<id> and layerdb/mounts/<id>.
#pragma once

#include <vector>

#include "model/inventory.hpp"
#include "store/docker/engine_files.hpp"
#include "store/docker/layer_db.hpp"

namespace meridian::store {

/// Appends every container, in the order of their ids; `images` are the same store's. One whose
/// record cannot be read is kept as dead while its layers can be found.
void read_containers(EngineFiles& files, LayerDb& layers, const std::vector<model::Image>& images,
                     std::vector<model::Container>& out);

}  // namespace meridian::store
