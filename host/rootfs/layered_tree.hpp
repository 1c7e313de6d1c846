// SPDX-License-Identifier: Apache-2.0
//
// layered_tree.hpp: the tree a container would see, from an ordered stack of layers.
//
// Why: no single layer is what runs. Upper wins; a whiteout hides all below it; an opaque directory
// hides the lower directory's children; what is hidden on the way hides everything inside it. A
// layer's markers count in its own dialect only, and are no entries there.
// Costs: a look-up asks every layer once per path part; nothing is kept.
// A layer that cannot be read is an error of every path it might decide: what an upper layer hides
// is not shown because that layer failed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "model/layer.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

struct StackedLayer {
  std::shared_ptr<const Tree> tree;
  model::MarkerDialect dialect = model::MarkerDialect::kNone;
};

/// What shows at a path, and the layers that make it, top first: one, or those of a merged
/// directory.
struct Merged {
  Stat stat;
  std::vector<std::size_t> layers;
};

class LayeredTree final : public Tree {
 public:
  /// Bottom first.
  explicit LayeredTree(std::vector<StackedLayer> layers);

  Result<Stat> stat(const RootfsPath& path) const override;
  Result<std::vector<DirEntry>> list(const RootfsPath& path) const override;
  Result<std::string> readlink(const RootfsPath& path) const override;
  Result<std::unique_ptr<Content>> open(const RootfsPath& path) const override;
  Result<std::string> xattr(const RootfsPath& path, const std::string& name) const override;
  Result<void> walk(Visitor& visitor) const override;

  /// Index of the layer whose entry shows at `path` (a directory: its topmost); kNotFound.
  Result<std::size_t> origin(const RootfsPath& path) const;

 private:
  friend class LayeredWalk;
  Result<Merged> find(const RootfsPath& path) const;
  Result<Merged> merged_root() const;
  Result<std::optional<Merged>> child(const Merged& directory, const RootfsPath& path) const;
  Result<std::vector<DirEntry>> merge_lists(const Merged& directory, const RootfsPath& path) const;
  std::vector<StackedLayer> layers_;
};

}  // namespace meridian::rootfs
