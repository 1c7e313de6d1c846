// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_manifest.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "model/json.hpp"

namespace meridian::store {
namespace {

Result<ArchiveImage> read_image(const model::Json& entry) {
  if (!entry.is_object()) return Error(ErrorCode::kCorrupt, "is no object");
  ArchiveImage image;
  MERIDIAN_TRY(image.config, entry.text("Config"));
  if (image.config.empty()) return Error(ErrorCode::kCorrupt, "names no config");
  MERIDIAN_TRY(image.names, entry.texts("RepoTags"));
  std::sort(image.names.begin(), image.names.end());
  image.names.erase(std::unique(image.names.begin(), image.names.end()), image.names.end());
  MERIDIAN_TRY(image.layers, entry.texts("Layers"));
  if (image.layers.size() > limits::kMaxLayers) {
    return Error(ErrorCode::kLimit, std::to_string(image.layers.size()) + " layers");
  }
  return image;
}

}  // namespace

Result<std::vector<ArchiveImage>> parse_archive_manifest(std::string_view json) {
  MERIDIAN_TRY(const model::Json root, model::Json::parse(json));
  MERIDIAN_TRY(const auto entries, root.elements());
  if (entries.size() > limits::kMaxObjects) {
    return Error(ErrorCode::kLimit, std::to_string(entries.size()) + " images");
  }
  std::vector<ArchiveImage> images;
  for (const model::Json& entry : entries) {
    auto image = read_image(entry);
    if (!image) return std::move(image).error().in("image " + std::to_string(images.size()));
    images.push_back(*std::move(image));
  }
  return images;
}

}  // namespace meridian::store
