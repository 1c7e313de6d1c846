// SPDX-License-Identifier: Apache-2.0
//
// content_check.hpp: whether a layer on disk is still what its engine unpacked. Values; who looks
// is store/layer_check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::model {

enum class ContentState {
  kNothing,  // nothing is recorded that it could be compared with: a writable layer, a folder; or
             // every scan does so: an archive
  kIntact,
  kChanged,
  kUnknown,  // it could not be compared, or not to its end
};

/// Named differences of one layer, and counted ones.
inline constexpr std::size_t kMaxDifferences = 16;
inline constexpr std::size_t kMaxCountedDifferences = 1000;

struct ContentDifference {
  std::string path;  // in the layer; empty: the layer's blob or record itself
  std::string what;  // "content", "mode", "owner", "size", "mtime", "added", "removed", ...
};

struct ContentCheck {
  ContentState state = ContentState::kNothing;
  std::string expected;         // "sha256:..." of the layer; may be empty
  std::string computed;         // empty: not computed to the end
  std::optional<Error> reason;  // of kUnknown; of kChanged what could not be looked at besides
  std::vector<ContentDifference> differences;  // the first, by path
  std::uint64_t difference_count = 0;          // paths, at most kMaxCountedDifferences
};

}  // namespace meridian::model
