// SPDX-License-Identifier: Apache-2.0
#include "store/collection.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "model/oci_spec.hpp"
#include "store/annotation_settings.hpp"
#include "store/kubernetes/node.hpp"
#include "store/sandbox_state.hpp"

namespace meridian::store {
namespace {

using model::Image;

void merge_names(std::vector<std::string>& into, const std::vector<std::string>& more) {
  into.insert(into.end(), more.begin(), more.end());
  std::sort(into.begin(), into.end());
  into.erase(std::unique(into.begin(), into.end()), into.end());
}

std::ptrdiff_t missing_layers(const Image& image) {
  return std::count_if(image.layers.begin(), image.layers.end(),
                       [](const model::Layer& layer) { return layer.missing; });
}

void merge(Image& into, Image&& other) {
  merge_names(into.names, other.names);
  into.intermediate = into.intermediate && other.intermediate;
  // A store that lost a layer must not hide what another one still has.
  if (missing_layers(other) < missing_layers(into)) {
    into.layers = std::move(other.layers);
    into.size = other.size;
  }
  for (model::Presence& place : other.present_in) {
    const auto same = std::find_if(into.present_in.begin(), into.present_in.end(),
                                   [&place](const model::Presence& known) {
                                     return known.store == place.store && known.id == place.id;
                                   });
    if (same == into.present_in.end()) {
      into.present_in.push_back(std::move(place));
    } else {
      merge_names(same->names, place.names);
    }
  }
}

std::vector<Image> merge_equal(std::vector<Image> images) {
  std::vector<Image> merged;
  std::map<std::pair<model::Digest, model::Platform>, std::size_t> known;
  for (Image& image : images) {
    if (!image.config_digest) {
      merged.push_back(std::move(image));
      continue;
    }
    const auto [place, is_new] =
        known.try_emplace({*image.config_digest, image.config.platform}, merged.size());
    if (is_new) {
      merged.push_back(std::move(image));
    } else {
      merge(merged[place->second], std::move(image));
    }
  }
  return merged;
}

/// A sandbox is told more by its container's spec; that was parsed before, by who made its
/// privileges.
void heed_annotations(model::Container& container) {
  using model::Boundary;
  const Boundary kind = container.boundary.kind;
  if (kind != Boundary::kApplicationKernel && kind != Boundary::kMicroVm) return;
  const auto spec = model::OciSpec::parse(container.spec_json);
  if (spec) add_annotation_settings(spec->annotations, container.boundary);
}

}  // namespace

model::ProcessList Store::processes(const model::Container& /*container*/) const { return {}; }

model::ContentCheck Store::check_content(const model::Layer& /*layer*/) const { return {}; }

Result<Witness> Store::witness(const model::Layer& /*layer*/) const {
  return Error(ErrorCode::kUnsupported, "its store cannot say whether it changed");
}

Collection::Collection(std::vector<std::unique_ptr<Store>> stores,
                       std::vector<model::Problem> problems)
    : stores_(std::move(stores)) {
  inventory_.problems = std::move(problems);
  for (std::size_t i = 0; i < stores_.size(); ++i) {
    inventory_.runtimes.push_back(stores_[i]->runtime());
    stores_[i]->read(i, inventory_);
    inventory_.runtimes[i] = stores_[i]->runtime();  // what it holds may say whose it is
  }
  kubernetes::name_volumes(inventory_.containers);
  for (model::Container& one : inventory_.containers) {
    heed_annotations(one);
    look_at_writes(one);
  }
  inventory_.images = merge_equal(std::move(inventory_.images));
  const auto first_name = [](const Image& image) {
    return image.names.empty() ? std::string() : image.names.front();
  };
  std::stable_sort(inventory_.images.begin(), inventory_.images.end(),
                   [&](const Image& a, const Image& b) {
                     return std::pair(first_name(a), a.id) < std::pair(first_name(b), b.id);
                   });
  std::stable_sort(inventory_.containers.begin(), inventory_.containers.end(),
                   [](const model::Container& a, const model::Container& b) {
                     return std::tie(a.name, a.id) < std::tie(b.name, b.id);
                   });
}

void Collection::add_host(model::Host host, std::vector<model::Problem> problems) {
  for (model::Problem& problem : problems) {
    problem.object = host.id;
    inventory_.problems.push_back(std::move(problem));
  }
  inventory_.host = std::move(host);
}

/// Of a running container in a sandbox: whether its layer has what it writes.
void Collection::look_at_writes(const model::Container& container) {
  using model::ContainerState;
  const bool runs =
      container.state == ContainerState::kRunning || container.state == ContainerState::kPaused;
  if (!runs || container.boundary.kind != model::Boundary::kApplicationKernel ||
      container.layers.empty())
    return;
  const model::Layer& own = container.layers.back();
  if (own.kind != model::LayerKind::kWritable || own.missing) return;
  const auto tree = open_layer(own);
  if (!tree) return;  // said where it is scanned
  std::string why = unseen_writes(container.boundary, **tree);
  if (why.empty()) return;
  inventory_.problems.push_back(
      {Error(ErrorCode::kUnsupported, std::move(why)), "", container.id, own.store});
}

Result<std::shared_ptr<const rootfs::Tree>> Collection::open_layer(
    const model::Layer& layer) const {
  if (layer.store >= stores_.size()) {
    return Error(ErrorCode::kInvalid,
                 "layer of store " + std::to_string(layer.store) + ", which is not there");
  }
  return stores_[layer.store]->open_layer(layer);
}

Result<Witness> Collection::witness(const model::Layer& layer) const {
  if (layer.store >= stores_.size()) {
    return Error(ErrorCode::kInvalid, "layer of a store that is not there");
  }
  return stores_[layer.store]->witness(layer);
}

model::ContentCheck Collection::check_content(const model::Layer& layer) const {
  if (layer.store >= stores_.size()) return {};
  Checked* checked = nullptr;
  {
    const std::lock_guard lock(checks_mutex_);
    checked = &checks_[{layer.store, layer.id, layer.name()}];
  }
  std::call_once(checked->once,
                 [&] { checked->result = stores_[layer.store]->check_content(layer); });
  return checked->result;
}

model::ProcessList Collection::processes(const model::Container& container) const {
  if (container.present_in.empty()) return {};
  const Store& store = *stores_.at(container.present_in.front().store);
  if (looks_from_ == nullptr) return store.processes(container);
  model::ProcessList list;
  looks_from_->run([&] { list = store.processes(container); });
  return list;
}

}  // namespace meridian::store
