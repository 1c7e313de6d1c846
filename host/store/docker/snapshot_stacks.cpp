// SPDX-License-Identifier: Apache-2.0
#include "store/docker/snapshot_stacks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/escape.hpp"

namespace meridian::store {
namespace {

using model::Container;
using model::Image;
using model::Layer;

/// What a stack of nothing but committed snapshots is called; empty if it is empty.
std::string top_chain(const Image& image) {
  return image.config.diff_ids.empty() ? "" : model::chain_id(image.config.diff_ids).text();
}

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

void SnapshotStacks::add_image_layers(Container& container, const Image* image, Stack below) {
  const std::string stands_on = below.empty() ? "" : below.front().key;
  if (image != nullptr && top_chain(*image) == stands_on) {
    container.layers = image->layers;
    report_lost_layers(files_, *image, container);
    return;
  }
  if (image != nullptr) {
    files_.problem(
        Error(ErrorCode::kIntegrity,
              "stands on " + (stands_on.empty() ? "nothing" : "'" + base::escape(stands_on) + "'") +
                  ", its image is " + (top_chain(*image).empty() ? "empty" : top_chain(*image))),
        container_record(files_, container.id), container.id);
  }
  // The lowest chainID is a diffID; those above cannot be told from their chain.
  if (!below.empty() && below.back().lowest && !below.back().layer.missing) {
    const auto diff_id = model::DiffId::parse(below.back().key);
    if (diff_id) {
      below.back().layer.diff_id = *diff_id;
      below.back().layer.identity = model::LayerIdentity::kRecorded;
    }
  }
  std::transform(below.rbegin(), below.rend(), std::back_inserter(container.layers),
                 [](auto& stacked) { return std::move(stacked.layer); });
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
  add_image_layers(container, image,
                   Stack(std::make_move_iterator(next), std::make_move_iterator(stack.end())));
  std::move(own.rbegin(), own.rend(), std::back_inserter(container.layers));
  one.mounted_at = "rootfs/" + snapshotter + "/" + container.id;
  return true;
}

}  // namespace meridian::store
