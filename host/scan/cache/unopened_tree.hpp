// SPDX-License-Identifier: Apache-2.0
//
// unopened_tree.hpp: a layer that was recalled, not read: opened when somebody looks into it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "rootfs/tree.hpp"

namespace meridian::scan {

class UnopenedTree final : public rootfs::Tree {
 public:
  using Open = std::function<Result<std::shared_ptr<const rootfs::Tree>>()>;
  /// `open` is called once, if at all, from any thread; what it refers to outlives this. That all
  /// markers can be read is the caller's knowledge.
  explicit UnopenedTree(Open open) : open_(std::move(open)) {}

  Result<rootfs::Stat> stat(const rootfs::RootfsPath& path) const override;
  Result<std::vector<rootfs::DirEntry>> list(const rootfs::RootfsPath& path) const override;
  Result<std::string> readlink(const rootfs::RootfsPath& path) const override;
  Result<std::unique_ptr<rootfs::Content>> open(const rootfs::RootfsPath& path) const override;
  Result<std::string> xattr(const rootfs::RootfsPath& path, const std::string& name) const override;
  Result<std::vector<std::string>> xattr_names(const rootfs::RootfsPath& path) const override;
  Result<void> walk(rootfs::Visitor& visitor) const override;

 private:
  Result<const rootfs::Tree*> tree() const;
  Open open_;
  mutable std::once_flag once_;
  mutable std::optional<Result<std::shared_ptr<const rootfs::Tree>>> opened_;
};

}  // namespace meridian::scan
