// SPDX-License-Identifier: Apache-2.0
//
// archive_files.hpp: an image archive as named ranges of one file. A link in it leads to another
// member or nowhere.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "archive/member_index.hpp"
#include "base/unique_fd.hpp"
#include "meridian/result.hpp"
#include "rootfs/rootfs_path.hpp"
#include "rootfs/tar_tree.hpp"

namespace meridian::store {

class ArchiveFiles {
 public:
  /// Opens a path of this process. A compressed archive is decoded once, into an unlinked file.
  /// kNotFound, kInvalid (no regular file), kCorrupt (no tar), kUnreadable, kLimit.
  static Result<ArchiveFiles> open(const std::string& path);
  /// The members of a tar that is the whole of `file`; `name` stands for it in errors.
  static Result<ArchiveFiles> index(base::UniqueFd file, std::string name);

  /// The regular file behind a name in the archive: its own path and where its bytes are.
  struct Found {
    rootfs::RootfsPath path;
    rootfs::BlobRange range;
  };
  Result<Found> find(std::string_view name) const;
  Result<std::string> read(const Found& found, std::uint64_t limit) const;
  bool has(std::string_view name) const;

 private:
  ArchiveFiles(base::UniqueFd file, std::string name);
  std::shared_ptr<base::UniqueFd> file_;
  std::string name_;
  std::map<rootfs::RootfsPath, archive::Member> members_;
};

}  // namespace meridian::store
