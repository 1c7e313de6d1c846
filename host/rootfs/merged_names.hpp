// SPDX-License-Identifier: Apache-2.0
//
// merged_names.hpp: from a layer's path to the names under which the merged view may show it.
//
// Only redirects rename, so in nearly every stack the answer is the path itself.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rootfs/rootfs_path.hpp"

namespace meridian::rootfs {

/// What one layer says of one of its entries: the layers below have it as `to` ("b": beside it,
/// "/a/b": from their root).
struct Redirect {
  RootfsPath path;
  std::string to;
};

class MergedNames {
 public:
  /// By layer, bottom first.
  explicit MergedNames(const std::vector<const std::vector<Redirect>*>& layers);

  /// `path` of `layer` first, then other names, at most kMaxNames. Whether they really show it is
  /// for LayeredTree::origin to say.
  std::vector<RootfsPath> of(const RootfsPath& path, std::size_t layer) const;

  /// Names of one file; a hostile layer may redirect without end to one directory.
  static constexpr std::size_t kMaxNames = 64;
  /// Of one layer; kept for placing findings. A real store has none, a rename-heavy one some.
  static constexpr std::size_t kMaxRedirects = 100'000;

 private:
  /// Of one layer: name in the layers below -> names in it.
  using Renamed = std::multimap<std::string, std::string, std::less<>>;
  std::vector<Renamed> layers_;
};

}  // namespace meridian::rootfs
