// SPDX-License-Identifier: Apache-2.0
//
// containers.hpp: the containers of one place: podman's, buildah's and CRI-O's.
#pragma once

#include <vector>

#include "model/inventory.hpp"
#include "store/containers_storage/layers.hpp"

namespace meridian::store::containers_storage {

struct Containers {
  std::vector<model::Container> all;
  bool of_crio = false;  // some are CRI-O's
};

/// `images` are those of the same place. What is wrong is a problem of the container.
Containers read_containers(EngineFiles& files, const Place& place, Layers& layers,
                           const std::vector<model::Image>& images);

}  // namespace meridian::store::containers_storage
