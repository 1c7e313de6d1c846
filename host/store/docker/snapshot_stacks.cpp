// SPDX-License-Identifier: Apache-2.0
#include "store/docker/snapshot_stacks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/containerd/stacked_layers.hpp"

namespace meridian::store {
namespace {

using model::Container;
using model::Image;
using model::Layer;

}  // namespace

SnapshotStacks::SnapshotStacks(EngineFiles& files, const containerd::Metadata& metadata,
                               containerd::Layers& layers, const containerd::ImageList& images,
                               ContainerShare share)
    : files_(files), metadata_(metadata), layers_(layers), images_(images), share_(share) {}

bool SnapshotStacks::keeps(const std::string& id, const ContainerRecord* record) {
  return share_ == ContainerShare::kAll || !kept_by_graph_driver(files_, id, record);
}

const Image* SnapshotStacks::image(const ContainerRecord& record) {
  for (const std::string& digest : {record.image_manifest, record.image_id}) {
    const auto found = images_.by_digest.find(digest);
    if (found != images_.by_digest.end()) return &images_.images[found->second];
  }
  return nullptr;
}

bool SnapshotStacks::add_layers(ReadContainer& one) {
  Container& container = one.container;
  std::string snapshotter = one.record ? one.record->driver : std::string();
  if (!one.record) {
    for (const std::string& name : metadata_.snapshotters()) {
      if (metadata_.snapshot(name, container.id)) snapshotter = name;
    }
    if (snapshotter.empty()) return false;
  }
  Stack stack = layers_.stack(snapshotter, container.id, container.id);
  if (stack.empty()) return false;
  std::vector<Layer> own;  // top first
  auto next = stack.begin();
  const auto take = [&](const std::string& key, model::LayerKind kind) {
    if (next == stack.end() || next->key != key) return;
    own.push_back(std::move(next->layer));
    own.back().kind = kind;
    ++next;
  };
  take(container.id, model::LayerKind::kWritable);
  take(container.id + "-init", model::LayerKind::kInit);
  const Image* const image = one.record ? this->image(*one.record) : nullptr;
  container.layers = containerd::image_layers(
      image, Stack(std::make_move_iterator(next), std::make_move_iterator(stack.end())),
      [&](Error error) {
        files_.problem(std::move(error), container_record(files_, container.id), container.id);
      });
  std::move(own.rbegin(), own.rend(), std::back_inserter(container.layers));
  one.mounted_at = "rootfs/" + snapshotter + "/" + container.id;
  return true;
}

}  // namespace meridian::store
