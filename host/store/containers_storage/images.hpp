// SPDX-License-Identifier: Apache-2.0
//
// images.hpp: the images of one place, with their layers.
#pragma once

#include <vector>

#include "model/inventory.hpp"
#include "store/containers_storage/layers.hpp"

namespace meridian::store::containers_storage {

/// Of this root and its additional stores, each once; what is wrong is a problem.
std::vector<model::Image> read_images(EngineFiles& files, const Place& place, Layers& layers);

}  // namespace meridian::store::containers_storage
