// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/stacked_layers.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/escape.hpp"
#include "store/engine_files.hpp"

namespace meridian::store::containerd {
namespace {

/// What a stack of nothing but committed snapshots is called; empty if it is empty.
std::string top_chain(const model::Image& image) {
  return image.config.diff_ids.empty() ? "" : model::chain_id(image.config.diff_ids).text();
}

/// The copy that containerd makes of an image's files for a container with a user namespace, with
/// their owners shifted (containerd, client/container_opts_unix.go: WithRemappedSnapshot): a
/// snapshot of its own on the image's, called CHAIN-UID-GID.
bool is_remapped(const std::vector<Layers::Stacked>& below, const std::string& chain) {
  return below.size() > 1 && !chain.empty() && below[1].key == chain &&
         below.front().key.compare(0, chain.size() + 1, chain + "-") == 0;
}

}  // namespace

std::vector<model::Layer> image_layers(const model::Image* image,
                                       std::vector<Layers::Stacked> below,
                                       const std::function<void(Error)>& problem) {
  const std::string stands_on = below.empty() ? "" : below.front().key;
  if (image != nullptr && top_chain(*image) == stands_on) {
    if (auto lost = lost_layers(*image)) problem(*std::move(lost));
    return image->layers;
  }
  if (image != nullptr && is_remapped(below, top_chain(*image))) {
    if (auto lost = lost_layers(*image)) problem(*std::move(lost));
    std::vector<model::Layer> layers = image->layers;
    layers.push_back(std::move(below.front().layer));
    return layers;
  }
  if (image != nullptr) {
    problem(
        Error(ErrorCode::kIntegrity,
              "stands on " + (stands_on.empty() ? "nothing" : "'" + base::escape(stands_on) + "'") +
                  ", its image is " + (top_chain(*image).empty() ? "empty" : top_chain(*image))));
  }
  // The lowest chainID is a diffID; those above cannot be told from their chain.
  if (!below.empty() && below.back().lowest && !below.back().layer.missing) {
    const auto diff_id = model::DiffId::parse(below.back().key);
    if (diff_id) {
      below.back().layer.diff_id = *diff_id;
      below.back().layer.identity = model::LayerIdentity::kRecorded;
    }
  }
  std::vector<model::Layer> layers;
  std::transform(below.rbegin(), below.rend(), std::back_inserter(layers),
                 [](auto& stacked) { return std::move(stacked.layer); });
  return layers;
}

}  // namespace meridian::store::containerd
