// SPDX-License-Identifier: Apache-2.0
//
// directory_files.hpp: the files of a directory of this process. Links stay below it; only regular
// files are opened, one at a time.
#pragma once

#include <memory>
#include <string>

#include "rootfs/host_root.hpp"
#include "store/image_files.hpp"

namespace meridian::store {

class DirectoryFiles final : public ImageFiles {
 public:
  /// kNotFound, kInvalid if it is no directory, kUnreadable.
  static Result<std::unique_ptr<DirectoryFiles>> open(archive::Unpacker& unpacker,
                                                      const std::string& path);

  const std::string& name() const override { return name_; }
  Result<Found> find(std::string_view name) const override;
  Result<archive::BlobRange> open(const Found& found) const override;
  Result<Witness> witness(const Found& found) const override;

 private:
  DirectoryFiles(archive::Unpacker& unpacker, std::unique_ptr<rootfs::HostRoot> root,
                 std::string name);
  std::unique_ptr<rootfs::HostRoot> root_;
  std::string name_;
};

}  // namespace meridian::store
