// SPDX-License-Identifier: Apache-2.0
//
// layered_tree.hpp: the tree a container would see, from an ordered stack of layers.
//
// Why: no single layer is what runs. Upper wins; a whiteout hides all below it; an opaque directory
// hides the lower directory's children; a redirect says under which name the lower layers have a
// directory; a metacopy file has its bytes in a lower one. A layer's markers count in its own
// dialect only, and are no entries there.
// Costs: a look-up asks every layer once per path part; nothing is kept.
// A layer that cannot be read is an error of every path it might decide: what an upper layer hides
// is not shown because that layer failed. What the kernel lists and refuses to look at is listed,
// and an error to look at.
#pragma once

#include <cstddef>
#include <vector>

#include "rootfs/layered_lookup.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// Where a path of the merged view comes from. `content` is another place for a metacopy file.
struct Origin {
  Place entry;
  Place content;
};

class LayeredTree final : public Tree {
 public:
  /// Bottom first.
  explicit LayeredTree(std::vector<StackedLayer> layers, OverlayOptions options = {});

  Result<Stat> stat(const RootfsPath& path) const override;
  Result<std::vector<DirEntry>> list(const RootfsPath& path) const override;
  Result<std::string> readlink(const RootfsPath& path) const override;
  Result<std::unique_ptr<Content>> open(const RootfsPath& path) const override;
  /// The dialect's own attributes are not shown, as in the mount.
  Result<std::string> xattr(const RootfsPath& path, const std::string& name) const override;
  Result<void> walk(Visitor& visitor) const override;

  /// What shows at `path` (of a directory: its topmost layer); kNotFound.
  Result<Origin> origin(const RootfsPath& path) const;

 private:
  friend class LayeredWalk;
  Result<Merged> find(const RootfsPath& path) const;
  Result<Merged> merged_root() const;
  Result<std::vector<DirEntry>> merge_lists(const Merged& directory) const;
  const Tree& tree_of(const Place& place) const { return *layers_[place.layer].tree; }
  std::vector<StackedLayer> layers_;
  OverlayOptions options_;
};

/// The attribute `name` that the merged view shows of what stands at `place` of `layer`.
Result<std::string> shown_xattr(const StackedLayer& layer, const Place& place,
                                const std::string& name);

}  // namespace meridian::rootfs
