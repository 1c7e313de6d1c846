// SPDX-License-Identifier: Apache-2.0
//
// archive_files.hpp: an image archive as named ranges of one file.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "store/image_files.hpp"

namespace meridian::store {

class ArchiveFiles final : public ImageFiles {
 public:
  /// Opens a path of this process. A compressed archive is decoded once, into an unlinked file.
  /// What of it was not in the page cache is not there afterwards. kNotFound, kInvalid (no regular
  /// file), kCorrupt (no tar), kUnreadable, kLimit.
  static Result<std::unique_ptr<ArchiveFiles>> open(archive::Unpacker& unpacker,
                                                    const std::string& path);
  /// The members of a tar that is the whole of `file`; `name` stands for it in errors.
  static Result<std::unique_ptr<ArchiveFiles>> index(archive::Unpacker& unpacker,
                                                     std::shared_ptr<base::UniqueFd> file,
                                                     std::string name);

  const std::string& name() const override { return name_; }
  Result<Found> find(std::string_view name) const override;
  Result<archive::BlobRange> open(const Found& found) const override;
  Result<Witness> witness(const Found& found) const override;

 private:
  ArchiveFiles(archive::Unpacker& unpacker, std::shared_ptr<base::UniqueFd> file, std::string name);
  std::shared_ptr<base::UniqueFd> file_;
  std::string name_;
  base::UniqueFd source_;  // compressed as it may be
  Witness opened_;         // what source_ was before it was read
  std::map<rootfs::RootfsPath, archive::Member> members_;
};

}  // namespace meridian::store
