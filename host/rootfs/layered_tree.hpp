// SPDX-License-Identifier: Apache-2.0
//
// layered_tree.hpp: the tree a container would see, from an ordered stack of layers.
//
// Why: no single layer is what runs. Upper wins; a whiteout hides all below it; an opaque directory
// hides the lower directory's children. A layer's markers count in its own dialect only.
#pragma once

#include <memory>
#include <vector>

#include "model/layer.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

struct StackedLayer {
  std::shared_ptr<const Tree> tree;
  model::MarkerDialect dialect = model::MarkerDialect::kNone;
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
  std::vector<StackedLayer> layers_;
};

}  // namespace meridian::rootfs
