// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/images.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "model/reference.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::HostPath;
using model::Image;

/// REPOSITORY@DIGEST of REPOSITORY:TAG; empty: the name is not of that form.
std::string by_digest(std::string_view name, const std::string& digest) {
  const std::size_t colon = name.rfind(':');
  const std::size_t slash = name.rfind('/');
  const bool has_tag = colon != std::string_view::npos &&
                       (slash == std::string_view::npos || colon > slash) &&
                       name.find('@') == std::string_view::npos;
  if (!has_tag || digest.empty()) return {};
  return std::string(name.substr(0, colon)) + "@" + digest;
}

std::vector<std::string> names_for_people(const ImageRecord& record) {
  std::set<std::string> names;
  for (const std::string& name : record.names) {
    names.emplace(model::familiar_name(name));
    if (auto other = by_digest(model::familiar_name(name), record.digest); !other.empty()) {
      names.insert(std::move(other));
    }
  }
  return {names.begin(), names.end()};
}

class Reader {
 public:
  Reader(EngineFiles& files, const Place& place, Layers& layers)
      : files_(files), place_(place), layers_(layers) {}

  void read(const HostPath& root);
  std::vector<Image> take() { return std::move(images_); }

 private:
  void add(const HostPath& root, const ImageRecord& record);
  void add_config(const HostPath& root, const ImageRecord& record, Image& image);
  void add_layers(const ImageRecord& record, Image& image);

  EngineFiles& files_;
  const Place& place_;
  Layers& layers_;
  std::set<std::string, std::less<>> seen_;
  std::vector<Image> images_;
};

void Reader::read(const HostPath& root) {
  const HostPath path = place_.folder(root, "images") / "images.json";
  auto text = files_.read(path);
  if (!text && text.error().code() == ErrorCode::kNotFound) return;
  auto records = text ? parse_images(*text) : Result<Records<ImageRecord>>(std::move(text).error());
  if (!records) return files_.problem(std::move(records).error(), path, {});
  for (Error& error : records->bad) files_.problem(std::move(error), path, {});
  for (const ImageRecord& record : records->good) {
    if (seen_.insert(record.id).second) add(root, record);
  }
}

/// The configuration is kept as data under its own digest, which for what was pulled is the id.
void Reader::add_config(const HostPath& root, const ImageRecord& record, Image& image) {
  const HostPath folder = place_.folder(root, "images") / record.id;
  const auto name = big_data_name(image.id);
  if (!name) return files_.problem(Error(name.error()), folder, image.id);
  const HostPath path = folder / *name;
  auto text = files_.read(path);
  if (!text) return files_.problem(std::move(text).error(), path, image.id);
  const model::Digest digest = model::digest_of(*text);
  if (digest.text() == image.id) {
    image.config_digest = digest;
  } else {
    files_.problem(Error(ErrorCode::kIntegrity, "its content is " + digest.text()), path, image.id);
  }
  auto config = model::ImageConfig::parse(*text);
  if (!config) return files_.problem(std::move(config).error(), path, image.id);
  image.config = *std::move(config);
}

void Reader::add_layers(const ImageRecord& record, Image& image) {
  image.layers = layers_.stack(record.layer, image.id);
  const auto& diff_ids = image.config.diff_ids;
  const auto commands = image.config.layer_commands();
  const HostPath list = place_.folder(place_.root, "layers") / "layers.json";
  const bool fits = image.layers.size() == diff_ids.size();
  const bool whole = std::none_of(image.layers.begin(), image.layers.end(),
                                  [](const model::Layer& layer) { return layer.missing; });
  if (!fits && whole && !image.config.raw.empty()) {
    files_.problem(Error(ErrorCode::kIntegrity, "has " + std::to_string(image.layers.size()) +
                                                    " layers, its configuration " +
                                                    std::to_string(diff_ids.size())),
                   list, image.id);
  }
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    model::Layer& layer = image.layers[i];
    image.size += layer.size;
    if (!fits) continue;
    layer.created_by = commands[i];
    if (layer.diff_id && *layer.diff_id != diff_ids[i]) {
      files_.problem(Error(ErrorCode::kIntegrity,
                           "layer " + layer.id + " is " + layer.diff_id->text() +
                               ", the image's configuration says " + diff_ids[i].text()),
                     list, image.id);
      layer.diff_id.reset();
      layer.identity = model::LayerIdentity::kLocal;
    }
  }
}

void Reader::add(const HostPath& root, const ImageRecord& record) {
  Image image;
  image.id = "sha256:" + record.id;
  image.names = names_for_people(record);
  add_config(root, record, image);
  if (image.config.created.empty()) image.config.created = record.created;
  add_layers(record, image);
  image.present_in = {{files_.store(), image.id, image.names}};
  images_.push_back(std::move(image));
}

}  // namespace

std::vector<Image> read_images(EngineFiles& files, const Place& place, Layers& layers) {
  Reader reader(files, place, layers);
  reader.read(place.root);
  for (const HostPath& root : place.additional) reader.read(root);
  return reader.take();
}

}  // namespace meridian::store::containers_storage
