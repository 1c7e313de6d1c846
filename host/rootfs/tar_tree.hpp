// SPDX-License-Identifier: Apache-2.0
//
// tar_tree.hpp: a layer as a tar, plain or compressed, read in place.
//
// The first walk() is the one decode pass: it visits every entry, builds the index that look-ups
// use, and hashes the bytes, stored and decoded. A look-up before any walk makes that pass itself.
// Content for look-ups is read by a further pass, only if asked: see tar_contents.hpp. So is that
// of hard links, unless it was small and opened when it came by. A later entry of the same name
// replaces an earlier one in the index (last wins); a walk visits both, for it cannot know.
// Directories that no entry names exist in look-ups, mode 0755, and are not visited. Hard links are
// visited last, as what they lead to, all of a file in one links(); one that comes before its
// target is visited and a problem, one out of the layer only a problem. A tar that is cut short
// keeps what came before; a path that is not among it is then an error, not kNotFound. An entry
// below a symbolic link of the same tar is visited, and a problem, and not looked up. Kept
// attributes: security.*, {trusted,user}.overlay.*, user.fuseoverlayfs.*.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "archive/unpacker.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

using archive::BlobRange;

class TarTree final : public Tree {
 public:
  /// `name` stands for it in errors. Reads nothing yet.
  TarTree(archive::Unpacker& unpacker, BlobRange blob, std::string name);
  ~TarTree() override;
  TarTree(const TarTree&) = delete;
  TarTree& operator=(const TarTree&) = delete;

  Result<Stat> stat(const RootfsPath& path) const override;
  Result<std::vector<DirEntry>> list(const RootfsPath& path) const override;
  Result<std::string> readlink(const RootfsPath& path) const override;
  Result<std::unique_ptr<Content>> open(const RootfsPath& path) const override;
  Result<std::string> xattr(const RootfsPath& path, const std::string& name) const override;
  Result<std::vector<std::string>> xattr_names(const RootfsPath& path) const override;
  Result<void> walk(Visitor& visitor) const override;

  /// "sha256:..." of the decoded bytes, once a pass has reached their end.
  std::optional<std::string> decoded_digest() const override;
  std::optional<std::string> stored_digest() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace meridian::rootfs
