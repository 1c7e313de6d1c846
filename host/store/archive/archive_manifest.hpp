// SPDX-License-Identifier: Apache-2.0
//
// archive_manifest.hpp: manifest.json of `docker save`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::store {

struct ArchiveImage {
  std::string config;               // name of a member
  std::vector<std::string> names;   // RepoTags, sorted
  std::vector<std::string> layers;  // names of members, bottom first
};

/// kCorrupt, or kLimit past limits::kMaxObjects images or limits::kMaxLayers layers of one.
Result<std::vector<ArchiveImage>> parse_archive_manifest(std::string_view json);

}  // namespace meridian::store
