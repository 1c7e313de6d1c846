// SPDX-License-Identifier: Apache-2.0
//
// snapshot_stacks.hpp: the layers of containers of a containerd image store: the snapshot called
// <id>, on <id>-init, on the image's.
#pragma once

#include <string>
#include <vector>

#include "store/containerd/images.hpp"
#include "store/containerd/layers.hpp"
#include "store/docker/containers.hpp"

namespace meridian::store {

class SnapshotStacks final : public ContainerStacks {
 public:
  /// `files` are those of the data root; borrows all but `share`.
  SnapshotStacks(EngineFiles& files, const containerd::Metadata& metadata,
                 containerd::Layers& layers, const containerd::ImageList& images,
                 ContainerShare share);

  bool keeps(const std::string& id, const ContainerRecord* record) override;
  const model::Image* image(const ContainerRecord& record) override;
  bool add_layers(ReadContainer& one) override;

 private:
  using Stack = std::vector<containerd::Layers::Stacked>;

  EngineFiles& files_;
  const containerd::Metadata& metadata_;
  containerd::Layers& layers_;
  const containerd::ImageList& images_;
  ContainerShare share_;
};

}  // namespace meridian::store
