// SPDX-License-Identifier: Apache-2.0
#include "store/archive/docker_archive.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/docker/records.hpp"

namespace meridian::store {
namespace {

using model::Image;
using model::Layer;

constexpr const char* kManifest = "manifest.json";

Result<std::vector<ArchiveImage>> read_manifest(const ArchiveFiles& files) {
  if (!files.has(kManifest)) {
    if (files.has("oci-layout")) {
      return Error(ErrorCode::kUnsupported,
                   "is an OCI layout without manifest.json; oci-archive is not built yet");
    }
    return Error(ErrorCode::kCorrupt, "has no manifest.json: not an image archive");
  }
  MERIDIAN_TRY(const auto found, files.find(kManifest));
  MERIDIAN_TRY(const std::string text, files.read(found, limits::kMaxMetadataFile));
  auto images = parse_archive_manifest(text);
  if (!images) return std::move(images).error().in(kManifest);
  return images;
}

/// "<hex>.json" of the old layout, "blobs/sha256/<hex>" of the new one: the digest that it claims.
std::optional<std::string> claimed_digest(std::string_view member) {
  const auto slash = member.rfind('/');
  std::string_view name = slash == std::string_view::npos ? member : member.substr(slash + 1);
  name = name.substr(0, name.find('.'));
  if (!is_docker_id(name)) return std::nullopt;
  return "sha256:" + std::string(name);
}

std::optional<std::size_t> source_index(std::string_view wanted) {
  if (wanted.size() < 2 || wanted[0] != '@') return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] =
      std::from_chars(wanted.data() + 1, wanted.data() + wanted.size(), index);
  if (error != std::errc() || end != wanted.data() + wanted.size()) return std::nullopt;
  return index;
}

}  // namespace

DockerArchive::DockerArchive(ArchiveFiles files, const std::string& name)
    : files_(std::move(files)), runtime_{"docker-archive", name, "", "given"} {}

Result<std::unique_ptr<Store>> DockerArchive::open(const std::string& path,
                                                   const std::string& wanted) {
  MERIDIAN_TRY(ArchiveFiles files, ArchiveFiles::open(path));
  return create(std::move(files), path, wanted);
}

Result<std::unique_ptr<Store>> DockerArchive::create(ArchiveFiles files, const std::string& name,
                                                     const std::string& wanted) {
  auto entries = read_manifest(files);
  if (!entries) return std::move(entries).error().in(base::escape(name));
  std::unique_ptr<DockerArchive> store(new DockerArchive(std::move(files), name));
  const auto index = source_index(wanted);
  for (std::size_t i = 0; i < entries->size(); ++i) {
    if (!index || *index == i) store->add_image((*entries)[i]);
  }
  if (index && *index >= entries->size()) {
    return Error(
        ErrorCode::kNotFound,
        base::escape(name) + ": has " + std::to_string(entries->size()) + " images, no " + wanted);
  }
  if (!index && !wanted.empty()) MERIDIAN_CHECK(store->keep(wanted));
  return std::unique_ptr<Store>(std::move(store));
}

void DockerArchive::problem(Error error, std::string member, const std::string& object) {
  problems_.push_back({std::move(error), runtime_.root + ":" + std::move(member), object, 0});
}

Result<void> DockerArchive::read_config(const ArchiveImage& entry, Image& image) {
  MERIDIAN_TRY(const auto found, files_.find(entry.config));
  MERIDIAN_TRY(const std::string text, files_.read(found, limits::kMaxMetadataFile));
  image.config_digest = model::digest_of(text);
  image.id = image.config_digest->text();
  MERIDIAN_TRY(image.config, model::ImageConfig::parse(text));
  return {};
}

void DockerArchive::add_image(const ArchiveImage& entry) {
  Image image;
  image.names = entry.names;
  if (auto done = read_config(entry, image); !done) {
    const std::string object = !image.id.empty()     ? image.id
                               : entry.names.empty() ? std::string()
                                                     : entry.names.front();
    return problem(std::move(done).error(), entry.config, object);
  }
  const auto claimed = claimed_digest(entry.config);
  if (claimed && *claimed != image.id) {
    problem(Error(ErrorCode::kIntegrity, "its content is " + image.id), entry.config, image.id);
  }
  if (const auto known = by_id_.find(image.id); known != by_id_.end()) {
    return add_again(entry, images_[known->second.image], known->second.layers);
  }
  by_id_.emplace(image.id, Known{images_.size(), entry.layers});
  add_layers(entry, image);
  images_.push_back(std::move(image));
}

// One config under many names must not cost its size each time.
void DockerArchive::add_again(const ArchiveImage& entry, Image& image,
                              const std::vector<std::string>& layers) {
  if (entry.layers != layers) {
    problem(
        Error(ErrorCode::kCorrupt, "lists the image twice, with other layers; the first is read"),
        kManifest, image.id);
  }
  std::vector<std::string> names;
  std::set_union(image.names.begin(), image.names.end(), entry.names.begin(), entry.names.end(),
                 std::back_inserter(names));
  image.names = std::move(names);
}

Layer DockerArchive::make_layer(const ArchiveFiles::Found& found) {
  Layer layer;
  layer.id = found.path.text();
  layer.kind = model::LayerKind::kImage;
  layer.identity = model::LayerIdentity::kLocal;
  layer.dialect = model::MarkerDialect::kTar;
  layer.size = found.range.size;
  layers_.emplace(layer.id, found.range);
  return layer;
}

void DockerArchive::add_layers(const ArchiveImage& entry, Image& image) {
  const auto& diff_ids = image.config.diff_ids;
  const auto commands = image.config.layer_commands();
  if (entry.layers.size() != diff_ids.size()) {
    problem(
        Error(ErrorCode::kCorrupt, std::to_string(entry.layers.size()) + " layers, the config " +
                                       "has " + std::to_string(diff_ids.size()) + " diffIDs"),
        kManifest, image.id);
  }
  for (std::size_t i = 0; i < entry.layers.size(); ++i) {
    auto found = files_.find(entry.layers[i]);
    Layer layer;
    if (found) {
      layer = make_layer(*found);
    } else {  // it keeps its place, so that the numbers of the others hold
      problem(std::move(found).error(), entry.layers[i], image.id);
      layer.id = "missing:" + entry.layers[i];
      layer.dialect = model::MarkerDialect::kTar;
      layer.missing = true;
    }
    // Nothing is hashed yet, so a claim is worth one member: a second one that claims the same
    // content is read for itself, or it could hide behind the first.
    if (i < diff_ids.size() && entry.layers.size() == diff_ids.size()) {
      layer.diff_id = diff_ids[i];
      if (!layer.missing &&
          first_claimants_.emplace(diff_ids[i], layer.id).first->second == layer.id) {
        layer.identity = model::LayerIdentity::kRecorded;
      }
    }
    if (i < commands.size()) layer.created_by = commands[i];
    image.size += layer.size;
    image.layers.push_back(std::move(layer));
  }
}

Result<void> DockerArchive::keep(const std::string& wanted) {
  std::string known;
  for (const Image& image : images_) {
    known += (known.empty() ? "" : ", ") +
             base::escape(image.names.empty() ? image.id : image.names.front());
  }
  images_.erase(std::remove_if(images_.begin(), images_.end(),
                               [&](const Image& image) { return !model::matches(wanted, image); }),
                images_.end());
  if (images_.empty()) {
    return Error(ErrorCode::kNotFound,
                 base::escape(runtime_.root) + ": no image '" + base::escape(wanted) +
                     "', it has: " + (known.empty() ? "none" : known) +
                     (problems_.empty() ? "" : "; " + problems_.front().error.message()));
  }
  const auto is_others = [this](const model::Problem& problem) {
    return std::none_of(images_.begin(), images_.end(),
                        [&problem](const Image& image) { return image.id == problem.object; });
  };
  problems_.erase(std::remove_if(problems_.begin(), problems_.end(), is_others), problems_.end());
  return {};
}

void DockerArchive::read(std::size_t index, model::Inventory& out) {
  for (Image& image : images_) {
    for (Layer& layer : image.layers) layer.store = index;
    image.present_in = {{index, image.id, image.names}};
  }
  for (model::Problem& problem : problems_) problem.store = index;
  out.images.insert(out.images.end(), images_.begin(), images_.end());
  out.problems.insert(out.problems.end(), problems_.begin(), problems_.end());
}

Result<std::shared_ptr<const rootfs::Tree>> DockerArchive::open_layer(const Layer& layer) const {
  if (layer.missing) return Error(ErrorCode::kNotFound, "it is not in the archive");
  const auto found = layers_.find(layer.id);
  if (found == layers_.end()) {
    return Error(ErrorCode::kInvalid,
                 "'" + base::escape(layer.id) + "' is no layer of " + base::escape(runtime_.root));
  }
  return std::shared_ptr<const rootfs::Tree>(
      std::make_shared<rootfs::TarTree>(found->second, runtime_.root + ":" + layer.id));
}

}  // namespace meridian::store
