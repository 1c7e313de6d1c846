// SPDX-License-Identifier: Apache-2.0
//
// directory_tree.hpp: an unpacked tree on disk: a layer's diff/ folder, or a plain rootfs.
//
// Every look-up stays below the directory and follows no link (openat2 RESOLVE_BENEATH|
// RESOLVE_NO_SYMLINKS|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_XDEV, or one component at a time), so a
// hostile tree cannot lead elsewhere even while it changes. Mounts inside it are not entered.
#pragma once

#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "rootfs/directory_walk.hpp"
#include "rootfs/host_root.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

class DirectoryTree final : public Tree {
 public:
  /// Takes a directory opened for reading; `name` stands for it in errors.
  DirectoryTree(base::UniqueFd directory, std::string name, LookupMode mode = LookupMode::kAuto);

  Result<Stat> stat(const RootfsPath& path) const override;
  Result<std::vector<DirEntry>> list(const RootfsPath& path) const override;
  Result<std::string> readlink(const RootfsPath& path) const override;
  Result<std::unique_ptr<Content>> open(const RootfsPath& path) const override;
  Result<std::string> xattr(const RootfsPath& path, const std::string& name) const override;
  Result<void> walk(Visitor& visitor) const override;
  /// The same for several threads. The tree outlives it.
  std::unique_ptr<DirectoryWalk> begin_walk() const;

 private:
  Result<base::UniqueFd> find(const RootfsPath& path) const;
  std::string full_name(const RootfsPath& path) const;
  base::UniqueFd directory_;
  std::string name_;
  LookupMode mode_;
};

}  // namespace meridian::rootfs
