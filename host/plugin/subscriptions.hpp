// SPDX-License-Identifier: Apache-2.0
//
// subscriptions.hpp: what a plugin asked for in subscribe() (abi/plugin.h), as values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "meridian/abi/target.h"
#include "plugin/manifest.hpp"

namespace meridian::plugin {

/// Copy of a meridian_file_filter.
struct FileFilter {
  std::vector<std::string> paths, names, exclude, magic;
  std::uint32_t mode_any = 0;
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 0;  // 0: no bound
};

struct FileSubscription {
  std::uint32_t number = 0;
  FileFilter where;
};

struct PatternSubscription {
  std::uint32_t number = 0;
  std::string expression;
  bool caseless = false;
  bool binary = false;
  std::uint32_t context = 0;
  FileFilter where;
};

struct Subscriptions {
  std::vector<ManifestRule> rules;  // sorted by id
  std::vector<FileSubscription> files;
  std::vector<PatternSubscription> patterns;
  std::vector<std::pair<std::uint32_t, meridian_target_kind>> targets;
  std::vector<FileSubscription> merged;
  bool layer_done = false;
  bool target_done = false;
  bool wants_layers() const { return !files.empty() || !patterns.empty() || layer_done; }
  /// Whether it looks at hosts: of one it is asked nothing else if it does not.
  bool wants_hosts() const {
    return std::any_of(targets.begin(), targets.end(),
                       [](const auto& one) { return one.second == MERIDIAN_TARGET_HOST; });
  }
  bool wants_targets() const { return !targets.empty() || !merged.empty() || target_done; }
};

}  // namespace meridian::plugin
