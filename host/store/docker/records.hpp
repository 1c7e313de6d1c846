// SPDX-License-Identifier: Apache-2.0
//
// records.hpp: the texts that dockerd writes, parsed. No disk here; every parser may be given any
// bytes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/inventory.hpp"

namespace meridian::store {

/// containers/<id>/config.v2.json.
struct ContainerRecord {
  std::string id;
  std::string driver;  // of its file system: "overlay2"; a snapshotter's name in a containerd store
  std::string image_id;
  std::string image_name;  // what the user typed
  std::string name;        // without the leading '/'
  std::string created;
  model::ContainerState state = model::ContainerState::kExited;
  model::ImageConfig config;
  std::map<std::string, std::string> mounts;  // destination -> source
};
Result<ContainerRecord> parse_container(std::string_view json);

/// image/<driver>/repositories.json: image id -> its names, sorted.
using Repositories = std::map<std::string, std::vector<std::string>>;
Result<Repositories> parse_repositories(std::string_view json);

/// daemon.json's data-root, or graph as it was called before; empty if it says nothing.
Result<std::string> parse_data_root(std::string_view json);

/// 64 hexadecimal digits: a container, an image.
bool is_docker_id(std::string_view text);
/// A folder of a storage driver: a docker id or what BuildKit makes (25 letters and digits), either
/// with "-init".
bool is_driver_id(std::string_view text);

}  // namespace meridian::store
