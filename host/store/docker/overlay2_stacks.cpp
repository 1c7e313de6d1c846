// SPDX-License-Identifier: Apache-2.0
#include "store/docker/overlay2_stacks.hpp"

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

Overlay2Stacks::Overlay2Stacks(EngineFiles& files, LayerDb& layers,
                               const std::vector<Image>& images, ContainerShare share)
    : files_(files), layers_(layers), share_(share) {
  for (const Image& image : images) images_.emplace(image.id, &image);
}

bool Overlay2Stacks::keeps(const std::string& id, const ContainerRecord* record) {
  return share_ == ContainerShare::kAll || kept_by_graph_driver(files_, id, record);
}

const Image* Overlay2Stacks::find(const std::string& id) const {
  const auto found = images_.find(id);
  return found == images_.end() ? nullptr : found->second;
}

const Image* Overlay2Stacks::image(const ContainerRecord& record) { return find(record.image_id); }

// Bottom first. An image that was removed by force leaves its layers to the container.
void Overlay2Stacks::add_chain(Container& container, std::optional<ChainId> chain) {
  std::vector<Layer> top_first;
  while (chain) {
    if (top_first.size() == limits::kMaxLayers) {
      files_.problem(Error(ErrorCode::kLimit, "more than " + std::to_string(limits::kMaxLayers) +
                                                  " layers stand on each other"),
                     files_.root() / "image/overlay2/layerdb/sha256" / chain->hex() / "parent",
                     container.id);
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

void Overlay2Stacks::add_image_layers(Container& container, const LayerDb::Mount& mount) {
  const Image* const image = find(container.image_id);
  if (image == nullptr) return add_chain(container, mount.parent);
  std::optional<ChainId> top;
  if (!image->config.diff_ids.empty()) top = model::chain_id(image->config.diff_ids);
  if (top != mount.parent) {
    files_.problem(Error(ErrorCode::kIntegrity,
                         "stands on " + (mount.parent ? mount.parent->text() : "nothing") +
                             ", its image is " + (top ? top->text() : "empty")),
                   files_.root() / "image/overlay2/layerdb/mounts" / container.id / "parent",
                   container.id);
    return add_chain(container, mount.parent);
  }
  container.layers = image->layers;
  report_lost_layers(files_, *image, container);
}

bool Overlay2Stacks::add_layers(ReadContainer& one) {
  Container& container = one.container;
  if (one.record && one.record->driver != "overlay2") {
    files_.problem(Error(ErrorCode::kUnsupported, "its files are kept by '" +
                                                      base::escape(one.record->driver) +
                                                      "', which is not read yet"),
                   container_record(files_, container.id), container.id);
    return true;
  }
  const auto mount = layers_.mount(container.id);
  if (!mount) return false;
  add_image_layers(container, *mount);
  if (!mount->init_id.empty()) {
    auto init = layers_.own_layer(mount->init_id, LayerKind::kInit, container.id);
    if (init) container.layers.push_back(*std::move(init));
  }
  auto writable = layers_.own_layer(mount->mount_id, LayerKind::kWritable, container.id);
  if (writable) container.layers.push_back(*std::move(writable));
  one.mounted_at = "overlay2/" + mount->mount_id + "/merged";
  return true;
}

}  // namespace meridian::store
