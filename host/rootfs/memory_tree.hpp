// SPDX-License-Identifier: Apache-2.0
//
// memory_tree.hpp: a tree made in code, for sdk testing and our own tests. It records every open.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "rootfs/tree.hpp"

namespace meridian::rootfs {

struct MemoryEntry {
  Stat stat;
  std::string content;  // of a regular file; target of a symbolic link
  std::map<std::string, std::string> xattrs;
};

class MemoryTree final : public Tree {
 public:
  /// Missing parents become directories of mode 0755. An entry of the same path is replaced.
  void add(const RootfsPath& path, MemoryEntry entry);

  Result<Stat> stat(const RootfsPath& path) const override;
  Result<std::vector<DirEntry>> list(const RootfsPath& path) const override;
  Result<std::string> readlink(const RootfsPath& path) const override;
  Result<std::unique_ptr<Content>> open(const RootfsPath& path) const override;
  Result<std::string> xattr(const RootfsPath& path, const std::string& name) const override;
  Result<std::vector<std::string>> xattr_names(const RootfsPath& path) const override;
  Result<void> walk(Visitor& visitor) const override;

  /// Paths whose content was opened, each once.
  std::set<std::string> opened() const;

 private:
  Result<const MemoryEntry*> find(const RootfsPath& path) const;
  std::map<RootfsPath, MemoryEntry> entries_;
  mutable std::mutex mutex_;
  mutable std::set<std::string> opened_;
};

}  // namespace meridian::rootfs
