// SPDX-License-Identifier: Apache-2.0
#include "store/docker/images.hpp"

#include <set>

#include "base/escape.hpp"
#include "store/docker/records.hpp"

namespace meridian::store {
namespace {

using model::Digest;
using model::HostPath;
using model::Image;

Repositories read_repositories(EngineFiles& files, const HostPath& path) {
  auto text = files.read(path);
  if (!text) {
    // A daemon that never held an image has written none.
    if (text.error().code() != ErrorCode::kNotFound) {
      files.problem(std::move(text).error(), path, {});
    }
    return {};
  }
  auto repositories = parse_repositories(*text);
  if (repositories) return *std::move(repositories);
  files.problem(std::move(repositories).error(), path, {});
  return {};
}

/// Keeps the place of a layer that is gone, so that the numbers of the others hold.
model::Layer lost_layer(const EngineFiles& files, const LayerDb& layers,
                        const model::ChainId& chain, const model::DiffId& diff_id,
                        const std::string& command) {
  model::Layer layer;
  layer.id = "missing:" + chain.text();
  layer.store = files.store();
  layer.diff_id = diff_id;
  layer.dialect = layers.driver().dialect;
  layer.created_by = command;
  layer.missing = true;
  return layer;
}

void add_layers(EngineFiles& files, LayerDb& layers, Image& image) {
  const auto chains = model::chain_ids(image.config.diff_ids);
  const auto commands = image.config.layer_commands();
  for (std::size_t i = 0; i < chains.size(); ++i) {
    auto entry = layers.find(chains[i], image.id);
    if (!entry) {
      image.layers.push_back(
          lost_layer(files, layers, chains[i], image.config.diff_ids[i], commands[i]));
      continue;
    }
    if (*entry->layer.diff_id != image.config.diff_ids[i]) {
      files.problem(Error(ErrorCode::kIntegrity, "says " + entry->layer.diff_id->text() +
                                                     ", the image config says " +
                                                     image.config.diff_ids[i].text()),
                    layers.layer_folder(chains[i]) / "diff", image.id);
      entry->layer.diff_id.reset();
      entry->layer.identity = model::LayerIdentity::kLocal;
    }
    entry->layer.created_by = commands[i];
    image.size += entry->layer.size;
    image.layers.push_back(std::move(entry->layer));
  }
}

std::optional<Image> read_image(EngineFiles& files, LayerDb& layers, const std::string& name) {
  const HostPath path = layers.driver().database(files.root()) / "imagedb/content/sha256" / name;
  Image image;
  image.id = "sha256:" + name;
  auto text = files.read(path);
  if (!text) {
    files.problem(std::move(text).error(), path, image.id);
    return std::nullopt;
  }
  const Digest digest = model::digest_of(*text);
  if (digest.text() == image.id) {
    image.config_digest = digest;
  } else {
    files.problem(Error(ErrorCode::kIntegrity, "its content is " + digest.text()), path, image.id);
  }
  auto config = model::ImageConfig::parse(*text);
  if (!config) {
    files.problem(std::move(config).error(), path, image.id);
    return std::nullopt;
  }
  image.config = *std::move(config);
  add_layers(files, layers, image);
  return image;
}

/// A file of imagedb/metadata; empty: the image has none.
std::string read_metadata(EngineFiles& files, const HostPath& folder, const std::string& name,
                          const char* what) {
  const HostPath path = folder / name / what;
  auto text = files.read_line(path);
  if (text) return *std::move(text);
  if (text.error().code() != ErrorCode::kNotFound) {
    files.problem(std::move(text).error(), path, "sha256:" + name);
  }
  return {};
}

}  // namespace

void read_images(EngineFiles& files, LayerDb& layers, std::vector<Image>& out) {
  const HostPath database = layers.driver().database(files.root());
  const HostPath repositories = database / "repositories.json";
  Repositories names = read_repositories(files, repositories);
  const HostPath folder = database / "imagedb/content/sha256";
  const HostPath metadata = database / "imagedb/metadata/sha256";
  const std::size_t first = out.size();
  std::set<std::string> parents;
  std::set<std::string> seen;
  for (const std::string& name : files.list(folder)) {
    if (name.substr(0, 5) == ".tmp-") continue;  // being written by dockerd
    if (!is_docker_id(name)) {
      files.problem(Error(ErrorCode::kCorrupt, "'" + base::escape(name) + "' is no image id"),
                    folder, {});
      continue;
    }
    seen.insert("sha256:" + name);
    std::string parent = read_metadata(files, metadata, name, "parent");
    parents.insert(parent);
    auto image = read_image(files, layers, name);
    if (!image) continue;
    image->parent = std::move(parent);
    image->last_tagged = read_metadata(files, metadata, name, "lastUpdated");
    image->names = std::move(names[image->id]);
    image->present_in.push_back({files.store(), image->id, image->names});
    out.push_back(*std::move(image));
  }
  for (std::size_t i = first; i < out.size(); ++i) {
    // As `docker images` without --all.
    out[i].intermediate = out[i].names.empty() && parents.count(out[i].id) != 0;
  }
  for (const auto& [id, named] : names) {
    if (seen.count(id) != 0 || named.empty()) continue;
    files.problem(Error(ErrorCode::kNotFound, "image '" + base::escape(named.front()) +
                                                  "' has no record in imagedb/content"),
                  repositories, id);
  }
}

}  // namespace meridian::store
