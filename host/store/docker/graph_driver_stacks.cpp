// SPDX-License-Identifier: Apache-2.0
#include "store/docker/graph_driver_stacks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::store {

using model::ChainId;
using model::Container;
using model::Image;
using model::Layer;
using model::LayerKind;

GraphDriverStacks::GraphDriverStacks(EngineFiles& files, LayerDb& layers,
                                     const std::vector<Image>& images, const DriverShare& share)
    : files_(files), layers_(layers), share_(share) {
  for (const Image& image : images) images_.emplace(image.id, &image);
}

bool GraphDriverStacks::keeps(const std::string& id, const ContainerRecord* record) {
  const auto is_others = [&](const std::string& driver) {
    return std::find(share_.others.begin(), share_.others.end(), driver) != share_.others.end();
  };
  if (record != nullptr) {
    if (record->driver == layers_.driver().name) return true;
    if (!share_.rest || is_others(record->driver)) return false;
    return share_.share == ContainerShare::kAll || is_graph_driver(record->driver);
  }
  if (files_.host().exists(layers_.mount_folder(id))) return true;
  // Nobody knows of it, or another driver does.
  return share_.rest && share_.share == ContainerShare::kAll &&
         !kept_by_graph_driver(files_, id, nullptr);
}

const Image* GraphDriverStacks::find(const std::string& id) const {
  const auto found = images_.find(id);
  return found == images_.end() ? nullptr : found->second;
}

const Image* GraphDriverStacks::image(const ContainerRecord& record) {
  return find(record.image_id);
}

// Bottom first. An image that was removed by force leaves its layers to the container.
void GraphDriverStacks::add_chain(Container& container, std::optional<ChainId> chain) {
  std::vector<Layer> top_first;
  while (chain) {
    if (top_first.size() == limits::kMaxLayers) {
      files_.problem(Error(ErrorCode::kLimit, "more than " + std::to_string(limits::kMaxLayers) +
                                                  " layers stand on each other"),
                     layers_.layer_folder(*chain) / "parent", container.id);
      break;
    }
    auto entry = layers_.find(*chain, container.id);
    if (!entry) break;
    top_first.push_back(std::move(entry->layer));
    chain = std::move(entry->parent);
  }
  container.layers.assign(std::make_move_iterator(top_first.rbegin()),
                          std::make_move_iterator(top_first.rend()));
}

void GraphDriverStacks::add_image_layers(Container& container, const LayerDb::Mount& mount) {
  const Image* const image = find(container.image_id);
  if (image == nullptr) return add_chain(container, mount.parent);
  std::optional<ChainId> top;
  if (!image->config.diff_ids.empty()) top = model::chain_id(image->config.diff_ids);
  if (top != mount.parent) {
    // The engine removes that file some time before the container's own record: not there is not
    // wrong.
    files_.problem(Error(mount.parent ? ErrorCode::kIntegrity : ErrorCode::kNotFound,
                         "stands on " + (mount.parent ? mount.parent->text() : "nothing") +
                             ", its image is " + (top ? top->text() : "empty")),
                   layers_.mount_folder(container.id) / "parent", container.id);
    return add_chain(container, mount.parent);
  }
  container.layers = image->layers;
  report_lost_layers(files_, *image, container);
}

bool GraphDriverStacks::add_layers(ReadContainer& one) {
  Container& container = one.container;
  const GraphDriver& driver = layers_.driver();
  if (!driver.known || (one.record && one.record->driver != driver.name)) {
    const std::string& keeper = one.record ? one.record->driver : driver.name;
    files_.problem(Error(ErrorCode::kUnsupported, "its files are kept by '" + base::escape(keeper) +
                                                      "', which is not read yet"),
                   container_record(files_, container.id), container.id);
    return true;
  }
  const auto mount = layers_.mount(container.id);
  if (!mount) return false;
  one.mounted_at = driver.mounted_at(mount->mount_id);
  // A whole file system has all of them in it.
  if (!driver.whole_trees) add_image_layers(container, *mount);
  if (!driver.whole_trees && !mount->init_id.empty()) {
    auto init = layers_.own_layer(mount->init_id, LayerKind::kInit, container.id);
    if (init) container.layers.push_back(*std::move(init));
  }
  auto writable = layers_.own_layer(mount->mount_id, LayerKind::kWritable, container.id);
  if (writable) container.layers.push_back(*std::move(writable));
  return true;
}

}  // namespace meridian::store
