// SPDX-License-Identifier: Apache-2.0
//
// records.hpp: images.json, layers.json and containers.json of containers/storage, which podman,
// buildah, skopeo and CRI-O share.
//
// Facts: containers/storage, images.go, layers.go, containers.go; stores.md, 5.2, checked on
// podman 4.3 and 5.8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::store::containers_storage {

struct ImageRecord {
  std::string id;      // hexadecimal; for pulled images of the config
  std::string digest;  // "sha256:...", of the manifest or index; may be empty
  std::vector<std::string> names;
  std::string layer;  // the topmost; empty: it has none
  std::string created;
};

struct LayerRecord {
  std::string id;
  std::string parent;       // empty: the bottom
  std::string diff_digest;  // "sha256:..." of the tar; empty: not known
  std::string toc_digest;   // of its table of contents, where only that was checked (zstd:chunked)
  std::uint64_t size = 0;   // of that
  bool incomplete = false;  // being written, or left over
};

struct ContainerRecord {
  std::string id;
  std::vector<std::string> names;
  std::string image;  // id; empty: none
  std::string layer;
  std::string metadata;  // the engine's own JSON, a text; empty: none
  std::string created;
};

/// What could be read of a list, and why the rest could not.
template <typename Record>
struct Records {
  std::vector<Record> good;
  std::vector<Error> bad;
};

/// Any text: kCorrupt, kLimit. A record without a proper id is one of the bad.
Result<Records<ImageRecord>> parse_images(std::string_view json);
Result<Records<LayerRecord>> parse_layers(std::string_view json);
Result<Records<ContainerRecord>> parse_containers(std::string_view json);

/// 64 hexadecimal digits: may be a path component.
bool is_id(std::string_view text);
/// The name of the file that keeps `key`; kInvalid if that would be a path.
Result<std::string> big_data_name(std::string_view key);

}  // namespace meridian::store::containers_storage
