// SPDX-License-Identifier: Apache-2.0
//
// images.hpp: the images of a data root: image/<driver>/{repositories.json,imagedb}.
#pragma once

#include <vector>

#include "model/inventory.hpp"
#include "store/docker/layer_db.hpp"
#include "store/engine_files.hpp"

namespace meridian::store {

/// Appends every image whose record can be read, in the order of their ids. One whose bytes are not
/// its id is kept without config_digest: it can be scanned, and is equal to no other. A layer that
/// is not there is left out.
void read_images(EngineFiles& files, LayerDb& layers, std::vector<model::Image>& out);

}  // namespace meridian::store
