// SPDX-License-Identifier: Apache-2.0
#include "store/docker/graph_driver.hpp"

namespace meridian::store {

using model::MarkerDialect;

model::HostPath GraphDriver::layer_tree(const model::HostPath& data_root,
                                        std::string_view id) const {
  const model::HostPath layer = data_root / folder / id;
  return tree.empty() ? layer : layer / tree;
}

std::string GraphDriver::mounted_at(std::string_view id) const {
  std::string path = folder + "/" + std::string(id);
  if (!mount.empty()) path += "/" + std::string(mount);
  return path;
}

model::HostPath GraphDriver::database(const model::HostPath& data_root) const {
  return data_root / "image" / name;
}

GraphDriver graph_driver(std::string_view name) {
  if (name == "overlay2") {
    return {"overlay2", true, "overlay2", "diff", "merged", MarkerDialect::kKernelTrusted};
  }
  if (name == "fuse-overlayfs") {
    return {"fuse-overlayfs", true,     "fuse-overlayfs",
            "diff",           "merged", MarkerDialect::kFuseOverlayfs};
  }
  if (name == "vfs") return {"vfs", true, "vfs/dir", "", "", MarkerDialect::kTar, true};
  GraphDriver unknown;
  unknown.name = name;
  return unknown;
}

}  // namespace meridian::store
