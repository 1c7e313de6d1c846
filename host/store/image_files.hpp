// SPDX-License-Identifier: Apache-2.0
//
// image_files.hpp: images in files as names and bytes: the members of an archive, or a directory.
// A link leads to another of the files or nowhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "archive/unpacker.hpp"
#include "meridian/result.hpp"
#include "rootfs/rootfs_path.hpp"
#include "store/witness.hpp"

namespace meridian::store {

class ImageFiles {
 public:
  /// `unpacker`, for whoever opens them as trees, outlives this.
  explicit ImageFiles(archive::Unpacker& unpacker) : unpacker_(unpacker) {}
  ImageFiles(const ImageFiles&) = delete;
  ImageFiles& operator=(const ImageFiles&) = delete;
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
  virtual Result<archive::BlobRange> open(const Found& found) const = 0;
  /// Of the file that holds the bytes. kChanged: it is another one than was opened at first.
  virtual Result<Witness> witness(const Found& found) const = 0;

  bool has(std::string_view name) const { return find(name).has_value(); }
  /// kLimit if it has more bytes than `limit`.
  Result<std::string> read(const Found& found, std::uint64_t limit) const;
  archive::Unpacker& unpacker() const { return unpacker_; }

 private:
  archive::Unpacker& unpacker_;
};

}  // namespace meridian::store
