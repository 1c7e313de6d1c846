// SPDX-License-Identifier: Apache-2.0
//
// image_files.hpp: images in files as names and bytes: the members of an archive, or a directory.
// A link leads to another of the files or nowhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "meridian/result.hpp"
#include "rootfs/rootfs_path.hpp"
#include "rootfs/tar_tree.hpp"

namespace meridian::store {

class ImageFiles {
 public:
  virtual ~ImageFiles() = default;
  /// As the user wrote it: the archive, the directory.
  virtual const std::string& name() const = 0;

  /// The regular file behind a name: its own path, and its bytes.
  struct Found {
    rootfs::RootfsPath path;
    std::uint64_t size = 0;
  };
  /// kNotFound, also where a link leads out; kCorrupt if it is no regular file; kLimit.
  virtual Result<Found> find(std::string_view name) const = 0;
  /// Where the bytes are; the descriptor is shared or its own.
  virtual Result<rootfs::BlobRange> open(const Found& found) const = 0;

  bool has(std::string_view name) const { return find(name).has_value(); }
  /// kLimit if it has more bytes than `limit`.
  Result<std::string> read(const Found& found, std::uint64_t limit) const;
};

}  // namespace meridian::store
