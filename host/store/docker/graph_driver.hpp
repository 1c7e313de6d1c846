// SPDX-License-Identifier: Apache-2.0
//
// graph_driver.hpp: where each storage driver of dockerd keeps layers.
//
// Facts: moby, daemon/graphdriver; stores.md, 1.4 to 1.6, checked on real engines.
#pragma once

#include <string>
#include <string_view>

#include "model/host_path.hpp"
#include "model/layer.hpp"

namespace meridian::store {

struct GraphDriver {
  std::string name;    // in image/<name>, and in the records of containers
  bool known = false;  // else its layers are not read, and the rest says nothing
  std::string folder;  // of its layers, below the data root
  std::string tree;    // below a layer's folder: what it changes; empty: the folder itself
  std::string mount;   // below a container's folder: its root file system; empty: likewise
  model::MarkerDialect dialect = model::MarkerDialect::kNone;  // of image layers
  /// vfs: each folder is the whole file system at that layer. What an image's layer changes is what
  /// its tar-split record names; a container is its folder alone.
  bool whole_trees = false;

  model::HostPath layer_tree(const model::HostPath& data_root, std::string_view id) const;
  /// Below the data root.
  std::string mounted_at(std::string_view id) const;
  model::HostPath database(const model::HostPath& data_root) const;  // image/<name>
};

/// Of any name.
GraphDriver graph_driver(std::string_view name);

}  // namespace meridian::store
