// SPDX-License-Identifier: Apache-2.0
//
// target_unit.hpp: one image or container, once all of its layers are done.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.hpp"
#include "lane/plugin_set.hpp"
#include "model/inventory.hpp"
#include "rootfs/layered_tree.hpp"
#include "scan/options.hpp"
#include "scan/plan.hpp"
#include "scan/results.hpp"
#include "store/collection.hpp"

namespace meridian::scan {

/// What stands for a layer that could not be opened, so that indexes hold.
enum class Lost {
  kEmpty,  // for projection: findings of the other layers keep their place
  kError,  // for plugins: nothing that this layer might decide is answered
};

/// The target's merged view.
std::shared_ptr<const rootfs::LayeredTree> merged_tree(const std::vector<model::Layer>& layers,
                                                       const PlannedTarget& target,
                                                       const std::vector<LayerResult>& results,
                                                       Lost lost);

/// The redirects of the target's layers.
rootfs::MergedNames merged_names(const PlannedTarget& target,
                                 const std::vector<LayerResult>& results);

/// Where the merged view shows what a layer has. Remembers answers: findings crowd on few paths.
/// One thread at a time.
class VisibilityLookup {
 public:
  /// `known` are answers of this view; new ones are added to them.
  VisibilityLookup(const rootfs::LayeredTree& tree, rootfs::MergedNames names,
                   std::shared_ptr<Sightings> known = std::make_shared<Sightings>())
      : tree_(tree), names_(std::move(names)), known_(std::move(known)) {}
  /// Merged paths that show `path` of `layer`, or its bytes; none: deleted or overwritten. The
  /// answer stays valid as long as this.
  const std::vector<std::string>& shown_at(const std::string& path, std::size_t layer);
  /// Layer whose entry shows at the merged `path`; empty if nothing does.
  std::optional<std::size_t> origin(const std::string& path);

 private:
  const std::optional<rootfs::Origin>& find(const rootfs::RootfsPath& path);
  const rootfs::LayeredTree& tree_;
  rootfs::MergedNames names_;
  std::map<rootfs::RootfsPath, std::optional<rootfs::Origin>> origins_;
  std::shared_ptr<Sightings> known_;
};

/// A published schema id: "name/NUMBER", readable by every plugin.
bool is_schema_id(std::string_view key);

/// Image or container callbacks, merged files, then finish_target with the facts of all layers.
/// Fills in everything of `result` but the outputs, which stay in `run`.
void scan_target(const store::Collection& collection, const PlannedTarget& target,
                 const std::vector<LayerResult>& layers, const lane::PluginSet& set,
                 const Options& options, const base::Cancel& cancel, lane::Run& run,
                 TargetResult& result);

}  // namespace meridian::scan
