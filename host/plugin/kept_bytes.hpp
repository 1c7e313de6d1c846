// SPDX-License-Identifier: Apache-2.0
//
// kept_bytes.hpp: what a plugin makes for itself at one start and finds at the next (RuleData::kept
// of the SDK).
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace meridian::plugin {

/// Names and bytes of the plugin's choosing.
struct KeptBytes {
  static constexpr std::size_t kMost = 8u << 20;  // that one start may give, names and bytes
  static constexpr std::size_t kMostNames = 64;

  std::vector<std::pair<std::string, std::string>> before;
  std::vector<std::pair<std::string, std::string>> given;  // at this start; empty: `before` holds
};

}  // namespace meridian::plugin
