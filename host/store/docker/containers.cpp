// SPDX-License-Identifier: Apache-2.0
#include "store/docker/containers.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/escape.hpp"

namespace meridian::store {
namespace {

using model::Container;
using model::HostPath;
using model::Image;

class Reader {
 public:
  Reader(EngineFiles& files, ContainerStacks& stacks) : files_(files), stacks_(stacks) {}

  /// nullopt for one that was removed while it was read (engines do that all the time), and for
  /// one that another store keeps.
  std::optional<ReadContainer> read(const std::string& id);

 private:
  std::optional<ReadContainer> read_listed(const std::string& id);
  void describe(ReadContainer& one);
  void describe_image(ReadContainer& one, const Image& image) const;
  std::optional<ContainerRecord> read_record(const std::string& id);

  EngineFiles& files_;
  ContainerStacks& stacks_;
};

std::optional<ContainerRecord> Reader::read_record(const std::string& id) {
  const HostPath path = container_record(files_, id);
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

void Reader::describe_image(ReadContainer& one, const Image& image) const {
  // A record of a containerd store names an index or a manifest.
  one.container.image_id = image.id;
  one.container.image_env = image.config.env;
  one.container.image_labels = image.config.labels;
  one.container.config.platform = image.config.platform;
  one.record->config.platform = image.config.platform;
}

void Reader::describe(ReadContainer& one) {
  Container& container = one.container;
  const ContainerRecord& record = *one.record;
  container.name = record.name;
  container.image_id = record.image_id;
  container.image_name = record.image_name;
  container.state = record.state;
  container.run = record.run;
  container.created = record.created;
  container.config = record.config;
  one.record->config.raw.clear();  // the container has it
  if (!record.image_manifest.empty()) {
    auto manifest = model::Digest::parse(record.image_manifest);
    if (manifest) {
      container.image_manifest = *std::move(manifest);
    } else {
      files_.problem(std::move(manifest).error().in("'ImageManifest'"),
                     container_record(files_, container.id), container.id);
    }
  }
  if (const Image* const image = stacks_.image(record)) describe_image(one, *image);
}

std::optional<ReadContainer> Reader::read_listed(const std::string& id) {
  const std::size_t before = files_.problem_count();
  ReadContainer out;
  out.record = read_record(id);
  if (!stacks_.keeps(id, out.record ? &*out.record : nullptr)) {
    files_.forget_problems_after(before);  // the other store has them
    return std::nullopt;
  }
  Container& container = out.container;
  container.id = id;
  container.state = model::ContainerState::kDead;
  if (out.record) describe(out);
  std::vector<std::string> names;
  if (!container.name.empty()) names.push_back(container.name);
  container.present_in.push_back({files_.store(), id, std::move(names)});
  if (!stacks_.add_layers(out) && !out.record) return std::nullopt;
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

HostPath container_record(const EngineFiles& files, const std::string& id) {
  return files.root() / "containers" / id / "config.v2.json";
}

bool kept_by_graph_driver(const EngineFiles& files, const std::string& id,
                          const ContainerRecord* record) {
  if (record != nullptr) return is_graph_driver(record->driver);
  const HostPath drivers = files.root() / "image";
  const auto entries = files.host().list(drivers);
  return entries && std::any_of(entries->begin(), entries->end(), [&](const auto& driver) {
           return files.host().exists(drivers / driver.name / "layerdb/mounts" / id);
         });
}

void report_lost_layers(EngineFiles& files, const Image& image, const Container& container) {
  auto lost = lost_layers(image);
  if (lost) {
    files.problem(*std::move(lost), container_record(files, container.id), container.id);
  }
}

std::vector<ReadContainer> read_containers(EngineFiles& files, ContainerStacks& stacks) {
  const HostPath folder = files.root() / "containers";
  Reader reader(files, stacks);
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
