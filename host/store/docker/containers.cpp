// SPDX-License-Identifier: Apache-2.0
#include "store/docker/containers.hpp"

#include <algorithm>
#include <map>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/docker/records.hpp"

namespace meridian::store {
namespace {

using model::ChainId;
using model::Container;
using model::HostPath;
using model::Image;
using model::Layer;
using model::LayerKind;

class Reader {
 public:
  Reader(EngineFiles& files, LayerDb& layers, const std::vector<Image>& images)
      : files_(files), layers_(layers) {
    for (const Image& image : images) images_.emplace(image.id, &image);
  }

  /// nullopt for one that was removed while it was read: engines do that all the time.
  std::optional<ReadContainer> read(const std::string& id);

 private:
  std::optional<ReadContainer> read_listed(const std::string& id);
  void describe(Container& container, const ContainerRecord& record);
  std::optional<ContainerRecord> read_record(const std::string& id);
  void add_image_layers(Container& container, const LayerDb::Mount& mount);
  void add_chain(Container& container, std::optional<ChainId> chain);
  void add_stack(Container& container, const LayerDb::Mount& mount);
  const Image* image_of(const Container& container) const;
  HostPath record_path(const std::string& id) const {
    return files_.root() / "containers" / id / "config.v2.json";
  }

  EngineFiles& files_;
  LayerDb& layers_;
  std::map<std::string, const Image*> images_;
};

const Image* Reader::image_of(const Container& container) const {
  const auto found = images_.find(container.image_id);
  return found == images_.end() ? nullptr : found->second;
}

std::optional<ContainerRecord> Reader::read_record(const std::string& id) {
  const HostPath path = record_path(id);
  auto text = files_.read(path);
  if (!text) {
    files_.problem(std::move(text).error(), path, id);
    return std::nullopt;
  }
  auto record = parse_container(*text);
  if (!record) {
    files_.problem(std::move(record).error(), path, id);
    return std::nullopt;
  }
  if (record->id != id) {
    files_.problem(
        Error(ErrorCode::kCorrupt, "is the record of '" + base::escape(record->id) + "'"), path,
        id);
    record->id = id;
  }
  return *std::move(record);
}

// Bottom first. An image that was removed by force leaves its layers to the container.
void Reader::add_chain(Container& container, std::optional<ChainId> chain) {
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

void Reader::add_image_layers(Container& container, const LayerDb::Mount& mount) {
  const Image* const image = image_of(container);
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
  const auto lost = std::count_if(image->layers.begin(), image->layers.end(),
                                  [](const Layer& layer) { return layer.missing; });
  if (lost > 0) {
    files_.problem(
        Error(ErrorCode::kNotFound, std::to_string(lost) + " of " +
                                        std::to_string(image->config.diff_ids.size()) +
                                        " layers of its image " + image->id + " cannot be read"),
        record_path(container.id), container.id);
  }
}

void Reader::add_stack(Container& container, const LayerDb::Mount& mount) {
  add_image_layers(container, mount);
  if (!mount.init_id.empty()) {
    auto init = layers_.own_layer(mount.init_id, LayerKind::kInit, container.id);
    if (init) container.layers.push_back(*std::move(init));
  }
  auto writable = layers_.own_layer(mount.mount_id, LayerKind::kWritable, container.id);
  if (writable) container.layers.push_back(*std::move(writable));
}

void Reader::describe(Container& container, const ContainerRecord& record) {
  container.name = record.name;
  container.image_id = record.image_id;
  container.image_name = record.image_name;
  container.state = record.state;
  container.run = record.run;
  container.created = record.created;
  container.config = record.config;
  if (!record.image_manifest.empty()) {
    auto manifest = model::Digest::parse(record.image_manifest);
    if (manifest) {
      container.image_manifest = *std::move(manifest);
    } else {
      files_.problem(std::move(manifest).error().in("'ImageManifest'"), record_path(container.id),
                     container.id);
    }
  }
}

std::optional<ReadContainer> Reader::read_listed(const std::string& id) {
  ReadContainer out;
  out.record = read_record(id);
  Container& container = out.container;
  container.id = id;
  container.state = model::ContainerState::kDead;
  if (out.record) {
    describe(container, *out.record);
    out.record->config.raw.clear();  // the container has it
  }
  std::vector<std::string> names;
  if (!container.name.empty()) names.push_back(container.name);
  container.present_in.push_back({files_.store(), id, std::move(names)});
  if (out.record && out.record->driver != "overlay2") {
    files_.problem(Error(ErrorCode::kUnsupported, "its files are kept by '" +
                                                      base::escape(out.record->driver) +
                                                      "', which is not read yet"),
                   record_path(id), id);
    return out;
  }
  if (const Image* const image = image_of(container)) {
    container.image_env = image->config.env;
    container.image_labels = image->config.labels;
    container.config.platform = image->config.platform;
    if (out.record) out.record->config.platform = image->config.platform;
  }
  const auto mount = layers_.mount(id);
  if (!mount && !out.record) return std::nullopt;
  if (mount) {
    add_stack(container, *mount);
    out.mount_id = mount->mount_id;
  }
  return out;
}

std::optional<ReadContainer> Reader::read(const std::string& id) {
  const std::size_t before = files_.problem_count();
  auto container = read_listed(id);
  if (files_.problem_count() == before) return container;
  const auto still_there = files_.check_directory(files_.root() / "containers" / id);
  if (still_there || still_there.error().code() != ErrorCode::kNotFound) return container;
  files_.forget_problems_after(before);
  return std::nullopt;
}

}  // namespace

std::vector<ReadContainer> read_containers(EngineFiles& files, LayerDb& layers,
                                           const std::vector<Image>& images) {
  const HostPath folder = files.root() / "containers";
  Reader reader(files, layers, images);
  std::vector<ReadContainer> containers;
  for (const std::string& id : files.list(folder)) {
    if (!is_docker_id(id)) {
      files.problem(Error(ErrorCode::kCorrupt, "'" + base::escape(id) + "' is no container id"),
                    folder, {});
      continue;
    }
    if (auto container = reader.read(id)) containers.push_back(*std::move(container));
  }
  return containers;
}

}  // namespace meridian::store
