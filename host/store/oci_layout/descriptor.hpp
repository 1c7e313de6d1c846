// SPDX-License-Identifier: Apache-2.0
//
// descriptor.hpp: the JSON documents of an OCI layout: index, manifest, and the descriptors in them
// (OCI image-spec 1.1: descriptor.md, image-index.md, manifest.md; Docker's distribution manifests
// of version 2 have the same form).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "meridian/result.hpp"
#include "model/digest.hpp"
#include "model/image_config.hpp"

namespace meridian::store {

struct Descriptor {
  std::string media_type;  // as written; may be empty
  model::Digest digest;
  std::optional<std::uint64_t> size;
  std::vector<std::string> urls;
  std::map<std::string, std::string> annotations;
  std::optional<model::Platform> platform;

  /// "blobs/sha256/<hex>"; the digest was checked, so this stays inside.
  std::string blob() const;
  /// A statement about another manifest (provenance, SBOM) in the place of an image.
  bool is_attestation() const;
};

/// A descriptor that is malformed costs only itself.
struct Index {
  std::vector<Result<Descriptor>> manifests;
};
struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;  // bottom first
};
using Document = std::variant<Index, Manifest>;

/// Which of the two it is says its form, not a media type. kCorrupt: neither, or both at once
/// (CVE-2021-41190), or called `media_type` and of the other form; kUnsupported for Docker's schema
/// 1; kLimit past limits::kMaxLayers layers or kMaxLayoutManifests entries.
Result<Document> parse_document(std::string_view json, std::string_view media_type);

enum class LayerForm { kTar, kEncrypted, kUnknown };
/// By media type: whether it says "a tar, compressed or not". In which way, its bytes say.
LayerForm layer_form(std::string_view media_type);
/// Layers that their makers must not pass on; usually only their `urls` say where they are.
bool is_foreign(const Descriptor& layer);
/// Index, manifest or image config, of OCI or Docker; an empty one is taken for it.
bool is_manifest_type(std::string_view media_type);
bool is_image_config(std::string_view media_type);

}  // namespace meridian::store
