// SPDX-License-Identifier: Apache-2.0
//
// layer_db.hpp: image/<driver>/layerdb: which folder of the storage driver holds which layer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "model/digest.hpp"
#include "model/layer.hpp"
#include "store/docker/graph_driver.hpp"
#include "store/engine_files.hpp"

namespace meridian::store {

class LayerDb {
 public:
  /// One layer, and what it stands on.
  struct Entry {
    model::Layer layer;
    std::optional<model::ChainId> parent;
  };
  /// A container's own folders, and the image stack below them.
  struct Mount {
    std::string mount_id;
    std::string init_id;  // empty: it has none
    std::optional<model::ChainId> parent;
  };

  LayerDb(EngineFiles& files, const GraphDriver& driver);

  const GraphDriver& driver() const { return driver_; }
  /// Of a container: layerdb/mounts/<id>.
  model::HostPath mount_folder(std::string_view container) const { return mounts_ / container; }
  model::HostPath layer_folder(const model::ChainId& chain) const { return layers_ / chain.hex(); }

  /// The topmost layer of a stack. nullopt and a problem of `object` if a file of it is missing or
  /// wrong, or its folder is not there.
  std::optional<Entry> find(const model::ChainId& chain, const std::string& object);
  /// nullopt and a problem of the container likewise.
  std::optional<Mount> mount(const std::string& container);
  /// An init or writable layer; nullopt and a problem if its folder is not there.
  std::optional<model::Layer> own_layer(const std::string& driver_id, model::LayerKind kind,
                                        const std::string& container);

  /// Where the record of each image layer found so far is: by the id of its folder.
  std::map<std::string, model::HostPath> tar_splits() const;

 private:
  Result<Entry> read(const model::ChainId& chain, model::HostPath& file) const;
  Result<Mount> read_mount(const std::string& container, model::HostPath& file) const;
  Result<void> check_tree(const std::string& driver_id, model::HostPath& file) const;

  EngineFiles& files_;
  const GraphDriver& driver_;
  model::HostPath layers_;
  model::HostPath mounts_;
  std::map<model::ChainId, Entry> found_;
};

}  // namespace meridian::store
