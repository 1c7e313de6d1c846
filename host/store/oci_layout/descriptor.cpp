// SPDX-License-Identifier: Apache-2.0
#include "store/oci_layout/descriptor.hpp"

#include <algorithm>
#include <array>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "model/json.hpp"

namespace meridian::store {
namespace {

using model::Json;

constexpr std::string_view kOci = "application/vnd.oci.image.";
constexpr std::string_view kDocker = "application/vnd.docker.";
constexpr std::array<std::string_view, 2> kIndexTypes = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json"};
constexpr std::array<std::string_view, 2> kManifestTypes = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json"};
constexpr std::array<std::string_view, 2> kConfigTypes = {
    "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"};

template <typename List>
bool contains(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// Drops `prefix` from the front of `text` if it is there.
bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string shown(std::string_view media_type) {
  constexpr std::size_t kShown = 200;
  return "'" + base::escape(media_type.substr(0, kShown)) + "'";
}

Result<std::optional<model::Platform>> read_platform(const Json& descriptor) {
  MERIDIAN_TRY(const Json json, descriptor.object("platform"));
  if (json.is_null()) return std::optional<model::Platform>();
  model::Platform platform;
  MERIDIAN_TRY(platform.os, json.text("os"));
  MERIDIAN_TRY(platform.architecture, json.text("architecture"));
  MERIDIAN_TRY(platform.variant, json.text("variant"));
  return std::optional<model::Platform>(std::move(platform));
}

Result<Descriptor> read_descriptor(const Json& json) {
  if (!json.is_object()) return Error(ErrorCode::kCorrupt, "a descriptor is no object");
  MERIDIAN_TRY(const std::string digest, json.text("digest"));
  MERIDIAN_TRY(model::Digest checked, model::Digest::parse(digest));
  Descriptor out{{}, std::move(checked), {}, {}, {}, {}};
  MERIDIAN_TRY(out.media_type, json.text("mediaType"));
  MERIDIAN_TRY(out.size, json.natural("size"));
  MERIDIAN_TRY(out.urls, json.texts("urls"));
  MERIDIAN_TRY(out.annotations, json.text_map("annotations"));
  MERIDIAN_TRY(out.platform, read_platform(json));
  return out;
}

Result<Index> read_index(const Json& root) {
  MERIDIAN_TRY(const auto entries, root.list("manifests"));
  if (entries.size() > limits::kMaxLayoutManifests) {
    return Error(ErrorCode::kLimit, std::to_string(entries.size()) + " manifests, at most " +
                                        std::to_string(limits::kMaxLayoutManifests) + " are read");
  }
  Index index;
  for (const Json& entry : entries) {
    auto descriptor = read_descriptor(entry);
    if (!descriptor) {
      descriptor =
          std::move(descriptor).error().in("manifest " + std::to_string(index.manifests.size()));
    }
    index.manifests.push_back(std::move(descriptor));
  }
  return index;
}

Result<Manifest> read_manifest(const Json& root) {
  MERIDIAN_TRY(const Json config, root.object("config"));
  auto read = read_descriptor(config);
  if (!read) return std::move(read).error().in("config");
  MERIDIAN_TRY(const auto layers, root.list("layers"));
  if (layers.size() > limits::kMaxLayers) {
    return Error(ErrorCode::kLimit, std::to_string(layers.size()) + " layers, at most " +
                                        std::to_string(limits::kMaxLayers) + " are read");
  }
  Manifest manifest{*std::move(read), {}};
  for (const Json& layer : layers) {
    auto descriptor = read_descriptor(layer);
    if (!descriptor) {
      return std::move(descriptor).error().in("layer " + std::to_string(manifest.layers.size()));
    }
    manifest.layers.push_back(*std::move(descriptor));
  }
  return manifest;
}

}  // namespace

std::string Descriptor::blob() const {
  const std::string& text = digest.text();
  const auto colon = text.find(':');
  return "blobs/" + text.substr(0, colon) + "/" + text.substr(colon + 1);
}

bool Descriptor::is_attestation() const {
  if (platform && platform->os == "unknown" && platform->architecture == "unknown") return true;
  const auto type = annotations.find("vnd.docker.reference.type");
  return type != annotations.end() && type->second == "attestation-manifest";
}

Result<Document> parse_document(std::string_view json, std::string_view media_type) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  MERIDIAN_TRY(const auto members, root.members());
  const auto has = [&](std::string_view key) {
    return std::any_of(members.begin(), members.end(), [key](const auto& member) {
      return member.first == key && !member.second.is_null();
    });
  };
  const bool is_index = has("manifests");
  const bool is_manifest = has("config") || has("layers");
  if (has("fsLayers") || has("signatures")) {
    return Error(ErrorCode::kUnsupported, "is a Docker manifest of schema 1");
  }
  if (is_index && is_manifest) {
    return Error(ErrorCode::kCorrupt, "is an index and a manifest at once");
  }
  if (!is_index && !is_manifest) {
    return Error(ErrorCode::kCorrupt, "is neither an index nor a manifest");
  }
  MERIDIAN_TRY(const std::string own_type, root.text("mediaType"));
  for (const std::string_view type : {media_type, std::string_view(own_type)}) {
    if (contains(is_index ? kManifestTypes : kIndexTypes, type)) {
      return Error(ErrorCode::kCorrupt,
                   "is called " + shown(type) + " and has the form of the other");
    }
  }
  Document document;
  if (is_index) {
    MERIDIAN_TRY(document, read_index(root));
  } else {
    MERIDIAN_TRY(document, read_manifest(root));
  }
  return document;
}

LayerForm layer_form(std::string_view media_type) {
  constexpr std::string_view kEncrypted = "+encrypted";
  if (media_type.size() > kEncrypted.size() &&
      media_type.substr(media_type.size() - kEncrypted.size()) == kEncrypted) {
    return LayerForm::kEncrypted;
  }
  std::string_view rest = media_type;
  bool layer = false;
  if (take(rest, kOci)) {
    layer = take(rest, "layer.v1.tar") || take(rest, "layer.nondistributable.v1.tar");
    layer = layer && (rest.empty() || rest == "+gzip" || rest == "+zstd");
  } else if (take(rest, kDocker)) {
    layer = take(rest, "image.rootfs.diff.tar") || take(rest, "image.rootfs.foreign.diff.tar");
    layer = layer && (rest.empty() || rest == ".gzip" || rest == ".zstd");
  }
  return layer ? LayerForm::kTar : LayerForm::kUnknown;
}

bool is_foreign(const Descriptor& layer) {
  return !layer.urls.empty() || layer.media_type.find(".nondistributable.") != std::string::npos ||
         layer.media_type.find(".foreign.") != std::string::npos;
}

bool is_manifest_type(std::string_view media_type) {
  return media_type.empty() || contains(kIndexTypes, media_type) ||
         contains(kManifestTypes, media_type);
}

bool is_image_config(std::string_view media_type) {
  return media_type.empty() || contains(kConfigTypes, media_type);
}

}  // namespace meridian::store
