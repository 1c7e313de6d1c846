// SPDX-License-Identifier: Apache-2.0
//
// graph_driver_stacks.hpp: the layers of containers of a storage driver: layerdb/mounts/<id>.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/docker/containers.hpp"
#include "store/docker/layer_db.hpp"

namespace meridian::store {

class GraphDriverStacks final : public ContainerStacks {
 public:
  /// `images` are the same store's; borrows all.
  GraphDriverStacks(EngineFiles& files, LayerDb& layers, const std::vector<model::Image>& images,
                    const DriverShare& share);

  bool keeps(const std::string& id, const ContainerRecord* record) override;
  const model::Image* image(const ContainerRecord& record) override;
  bool add_layers(ReadContainer& one) override;

 private:
  const model::Image* find(const std::string& id) const;
  void add_image_layers(model::Container& container, const LayerDb::Mount& mount);
  void add_chain(model::Container& container, std::optional<model::ChainId> chain);

  EngineFiles& files_;
  LayerDb& layers_;
  const DriverShare& share_;
  std::map<std::string, const model::Image*> images_;
};

}  // namespace meridian::store
