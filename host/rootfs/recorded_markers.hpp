// SPDX-License-Identifier: Apache-2.0
//
// recorded_markers.hpp: a layer whose trusted.overlay.* attributes this process may not read, with
// what another record of the layer (its tar) says of them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// By path: attributes named "trusted.overlay.*", and their values.
using MarkerRecord = std::map<RootfsPath, std::map<std::string, std::string>>;

class RecordedMarkers final : public Tree {
 public:
  /// `gap`: why the record may lack some; see Tree::marker_gap.
  RecordedMarkers(std::shared_ptr<const Tree> tree, MarkerRecord markers, std::optional<Error> gap);

  Result<Stat> stat(const RootfsPath& path) const override { return tree_->stat(path); }
  Result<std::vector<DirEntry>> list(const RootfsPath& path) const override {
    return tree_->list(path);
  }
  Result<std::string> readlink(const RootfsPath& path) const override {
    return tree_->readlink(path);
  }
  Result<std::unique_ptr<Content>> open(const RootfsPath& path) const override {
    return tree_->open(path);
  }
  /// trusted.* by the record alone, all others by the tree.
  Result<std::string> xattr(const RootfsPath& path, const std::string& name) const override;
  Result<void> walk(Visitor& visitor) const override;
  std::optional<std::string> decoded_digest() const override { return tree_->decoded_digest(); }
  std::optional<std::string> stored_digest() const override { return tree_->stored_digest(); }
  const Error* marker_gap() const override { return gap_ ? &*gap_ : nullptr; }

 private:
  std::shared_ptr<const Tree> tree_;
  MarkerRecord markers_;
  std::optional<Error> gap_;
};

}  // namespace meridian::rootfs
