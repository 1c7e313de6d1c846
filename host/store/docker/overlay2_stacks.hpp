// SPDX-License-Identifier: Apache-2.0
//
// overlay2_stacks.hpp: the layers of containers of the overlay2 driver: layerdb/mounts/<id>.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/docker/containers.hpp"
#include "store/docker/layer_db.hpp"

namespace meridian::store {

class Overlay2Stacks final : public ContainerStacks {
 public:
  /// `images` are the same store's; borrows all.
  Overlay2Stacks(EngineFiles& files, LayerDb& layers, const std::vector<model::Image>& images,
                 ContainerShare share);

  bool keeps(const std::string& id, const ContainerRecord* record) override;
  const model::Image* image(const ContainerRecord& record) override;
  bool add_layers(ReadContainer& one) override;

 private:
  const model::Image* find(const std::string& id) const;
  void add_image_layers(model::Container& container, const LayerDb::Mount& mount);
  void add_chain(model::Container& container, std::optional<model::ChainId> chain);

  EngineFiles& files_;
  LayerDb& layers_;
  ContainerShare share_;
  std::map<std::string, const model::Image*> images_;
};

}  // namespace meridian::store
