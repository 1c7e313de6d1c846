// SPDX-License-Identifier: Apache-2.0
//
// stacked_layers.hpp: which layers of a container's stack are its image's.
#pragma once

#include <functional>
#include <vector>

#include "model/inventory.hpp"
#include "store/containerd/layers.hpp"

namespace meridian::store::containerd {

/// What stands under a container's own snapshots, bottom first: the image's own layers where they
/// are those of `below` (top first), which gives them their diffIDs; else what is there, and
/// `problem` hears why. `image` may be null.
std::vector<model::Layer> image_layers(const model::Image* image,
                                       std::vector<Layers::Stacked> below,
                                       const std::function<void(Error)>& problem);

}  // namespace meridian::store::containerd
