// SPDX-License-Identifier: Apache-2.0
#include "store/image_store.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "rootfs/tar_tree.hpp"

namespace meridian::store {
namespace {

using model::Image;
using model::Layer;

void merge_names(std::vector<std::string>& into, const std::vector<std::string>& more) {
  into.insert(into.end(), more.begin(), more.end());
  std::sort(into.begin(), into.end());
  into.erase(std::unique(into.begin(), into.end()), into.end());
}

bool is_sha256(std::string_view digest) { return digest.substr(0, 7) == "sha256:"; }

}  // namespace

ImageStore::ImageStore(std::unique_ptr<const ImageFiles> files, std::string kind)
    : files_(std::move(files)), runtime_{std::move(kind), files_->name(), "", "given"} {}

void ImageStore::problem(Error error, const std::string& file, const std::string& object) {
  problems_.push_back({std::move(error), runtime_.root + ":" + file, object, 0});
}

Result<void> ImageStore::read_config(const Result<ImageFiles::Found>& found,
                                     const std::string& name,
                                     const std::optional<model::Digest>& claimed, Image& image) {
  if (!found) return found.error();
  MERIDIAN_TRY(const std::string text, files_->read(*found, limits::kMaxMetadataFile));
  image.config_digest = model::digest_of(text);
  image.id = image.config_digest->text();
  if (claimed && is_sha256(claimed->text()) && claimed->text() != image.id) {
    problem(
        Error(ErrorCode::kIntegrity, "config " + claimed->text() + ": its content is " + image.id),
        name, image.id);
  }
  MERIDIAN_TRY(image.config, model::ImageConfig::parse(text));
  return {};
}

void ImageStore::add(Image image, const std::string& manifest,
                     const std::vector<NamedLayer>& layers) {
  merge_names(image.names, {});
  std::vector<std::string> named;
  named.reserve(layers.size());
  for (const NamedLayer& layer : layers) named.push_back(layer.name);
  if (const auto known = by_id_.find(image.id); known != by_id_.end()) {
    return add_again(image, manifest, known->second, named);
  }
  by_id_.emplace(image.id, Known{images_.size(), std::move(named)});
  const auto& diff_ids = image.config.diff_ids;
  const auto commands = image.config.layer_commands();
  if (layers.size() != diff_ids.size()) {
    problem(Error(ErrorCode::kCorrupt, std::to_string(layers.size()) + " layers, the config has " +
                                           std::to_string(diff_ids.size()) + " diffIDs"),
            manifest, image.id);
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Layer layer = make_layer(layers[i], image);
    // Nothing is hashed yet, so a claim is worth one file: a second one that claims the same
    // content is read for itself, or it could hide behind the first.
    if (layers.size() == diff_ids.size()) {
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
  images_.push_back(std::move(image));
}

// One config under many names must not cost its size each time.
void ImageStore::add_again(const Image& again, const std::string& manifest, const Known& known,
                           const std::vector<std::string>& layers) {
  Image& image = images_[known.image];
  if (layers != known.layers) {
    problem(
        Error(ErrorCode::kCorrupt, "lists the image twice, with other layers; the first is read"),
        manifest, image.id);
  }
  merge_names(image.names, again.names);
  for (const model::Presence& place : again.present_in) {
    const bool is_known = std::any_of(image.present_in.begin(), image.present_in.end(),
                                      [&](const auto& other) { return other.id == place.id; });
    if (!is_known) image.present_in.push_back(place);
  }
}

Layer ImageStore::make_layer(const NamedLayer& named, const Image& image) {
  Layer layer;
  layer.kind = model::LayerKind::kImage;
  layer.identity = model::LayerIdentity::kLocal;
  layer.dialect = model::MarkerDialect::kTar;
  layer.digest = named.digest;
  if (named.found) {
    layer.id = named.found->path.text();
    layer.size = named.found->size;
    layers_.emplace(layer.id, named.found);
  } else {  // it keeps its place, so that the numbers of the others hold
    problem(named.found.error(), named.name, image.id);
    layer.id = "missing:" + named.name;
    layer.missing = true;
    layers_.emplace(layer.id, named.found);
  }
  if (named.digest && !is_sha256(named.digest->text())) {
    problem(Error(ErrorCode::kUnsupported, "only sha256 digests are verified"), named.name,
            image.id);
  }
  return layer;
}

void ImageStore::add_name(const std::string& image_id, const std::string& name) {
  merge_names(images_[by_id_.at(image_id).image].names, {name});
}

void ImageStore::add_selector(const std::string& image_id, const std::string& word) {
  selectors_[image_id].insert(word);
}

Result<void> ImageStore::keep(const std::string& wanted) {
  std::string known;
  for (const Image& image : images_) {
    known += (known.empty() ? "" : ", ") +
             base::escape(image.names.empty() ? image.id : image.names.front());
  }
  const auto is_meant = [&](const Image& image) {
    const auto words = selectors_.find(image.id);
    return model::matches(wanted, image) ||
           (words != selectors_.end() && words->second.contains(wanted));
  };
  std::erase_if(images_, [&](const Image& image) { return !is_meant(image); });
  if (images_.empty()) {
    return Error(ErrorCode::kNotFound,
                 base::escape(runtime_.root) + ": no image '" + base::escape(wanted) +
                     "', it has: " + (known.empty() ? "none" : known) +
                     (problems_.empty() ? "" : "; " + problems_.front().error.message()));
  }
  std::erase_if(problems_, [this](const model::Problem& problem) {
    return std::none_of(images_.begin(), images_.end(),
                        [&problem](const Image& image) { return image.id == problem.object; });
  });
  return {};
}

void ImageStore::read(std::size_t index, model::Inventory& out) {
  for (Image& image : images_) {
    for (Layer& layer : image.layers) layer.store = index;
    if (image.present_in.empty()) image.present_in = {{index, image.id, {}}};
    for (model::Presence& place : image.present_in) {
      place.store = index;
      place.names = image.names;
    }
  }
  for (model::Problem& problem : problems_) problem.store = index;
  out.images.insert(out.images.end(), images_.begin(), images_.end());
  out.problems.insert(out.problems.end(), problems_.begin(), problems_.end());
}

Result<std::shared_ptr<const rootfs::Tree>> ImageStore::open_layer(const Layer& layer) const {
  const auto named = layers_.find(layer.id);
  if (named == layers_.end()) {
    return Error(ErrorCode::kInvalid,
                 "'" + base::escape(layer.id) + "' is no layer of " + base::escape(runtime_.root));
  }
  if (!named->second) return named->second.error();
  MERIDIAN_TRY(archive::BlobRange range, files_->open(*named->second));
  return std::shared_ptr<const rootfs::Tree>(std::make_shared<rootfs::TarTree>(
      files_->unpacker(), std::move(range), runtime_.root + ":" + layer.id));
}

Result<Witness> ImageStore::witness(const Layer& layer) const {
  const auto named = layers_.find(layer.id);
  if (named == layers_.end()) return Error(ErrorCode::kInvalid, "no layer of the archive");
  if (!named->second) return named->second.error();
  MERIDIAN_TRY(Witness witness, files_->witness(*named->second));
  // Which of the archive's bytes; where they begin follows from the name while it is unchanged.
  witness.add(layer.id);
  witness.set_hashed();
  return witness;
}

}  // namespace meridian::store
