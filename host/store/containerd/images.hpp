// SPDX-License-Identifier: Apache-2.0
//
// images.hpp: the images of one namespace: name -> index or manifest -> config -> layers.
//
// An index leads to one image for each platform that is here; the others were not pulled, which is
// no problem. Attestations are no images.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "store/containerd/layers.hpp"
#include "store/containerd/metadata.hpp"
#include "store/engine_files.hpp"

namespace meridian::store::containerd {

struct ImageList {
  /// Each with every name of its target, as containerd has it, and one presence a target, by its
  /// digest. In the order of their targets.
  std::vector<model::Image> images;
  /// Which image a manifest is, and a target that leads to only one.
  std::map<std::string, std::size_t> by_digest;
};

/// `files` are those of containerd's root. What cannot be read is a problem and the rest goes on.
ImageList read_images(EngineFiles& files, const Metadata& metadata, Layers& layers);

}  // namespace meridian::store::containerd
