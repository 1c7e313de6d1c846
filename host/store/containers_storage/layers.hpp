// SPDX-License-Identifier: Apache-2.0
//
// layers.hpp: the layers of one driver: which stand on which, where their files are, and their
// trees.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/unpacker.hpp"
#include "model/content_check.hpp"
#include "model/layer.hpp"
#include "rootfs/tree.hpp"
#include "rootfs/trusted_access.hpp"
#include "store/containers_storage/place.hpp"
#include "store/containers_storage/records.hpp"
#include "store/engine_files.hpp"
#include "store/witness.hpp"

namespace meridian::store::containers_storage {

class Layers {
 public:
  /// Reads the lists of this root and of the additional ones; what is wrong is a problem.
  Layers(EngineFiles& files, const Place& place);

  /// A layer and all below it, bottom first, as image layers. What is missing keeps its place and
  /// is a problem of `object`.
  std::vector<model::Layer> stack(const std::string& top, const std::string& object);
  /// A container's own; nullopt and a problem if it is not there.
  std::optional<model::Layer> own(const std::string& id, const std::string& container);
  /// What it stands on; empty: nothing.
  std::string parent(const std::string& id) const;

 private:
  struct Known {
    LayerRecord record;
    model::HostPath root;
  };
  /// The list below `of`; the layers' files are below `root`.
  void read(const model::HostPath& of, const model::HostPath& root, const char* name);
  model::Layer image_layer(const Known& known, const std::string& object);
  Result<void> check(const Known& known) const;

  EngineFiles& files_;
  const Place& place_;
  model::MarkerDialect dialect_ = model::MarkerDialect::kNone;
  std::map<std::string, Known, std::less<>> known_;
};

/// Which root has the layer's folder, this one first.
Result<model::HostPath> root_of(const rootfs::HostRoot& host, const Place& place,
                                const std::string& layer);

/// The tree of a layer that Layers named. Without the right to read trusted.* attributes, markers
/// come from the layer's tar-split record.
Result<std::shared_ptr<const rootfs::Tree>> open_layer(const rootfs::HostRoot& host,
                                                       archive::Unpacker& unpacker,
                                                       const Place& place,
                                                       const model::Layer& layer,
                                                       rootfs::TrustedAccess access);
/// The layer against its tar-split record.
model::ContentCheck check_content(const rootfs::HostRoot& host, archive::Unpacker& unpacker,
                                  const Place& place, const model::Layer& layer,
                                  rootfs::TrustedAccess access);
Result<Witness> witness(const rootfs::HostRoot& host, const Place& place, const model::Layer& layer,
                        rootfs::TrustedAccess access);

}  // namespace meridian::store::containers_storage
