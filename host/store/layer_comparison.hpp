// SPDX-License-Identifier: Apache-2.0
//
// layer_comparison.hpp: the entries of a layer's tar, against the files that its engine made of
// them: names, types, modes, owners, sizes, times, links, devices, capabilities, markers.
//
// Facts: moby, pkg/archive (createTarFile, whiteouts) and containerd, archive: what they unpack as
// it stands, and what they translate.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "archive/tar_reader.hpp"
#include "meridian/result.hpp"
#include "model/content_check.hpp"
#include "rootfs/tree.hpp"

namespace meridian::store {

/// How a layer lies on disk.
struct LayerOnDisk {
  const rootfs::Tree* tree = nullptr;
  bool is_whole = false;    // files of the layers below are there too: who was added is not told
  bool has_owners = true;   // false: a user namespace gives them other numbers
  bool has_markers = true;  // false: trusted.* cannot be read
};

class LayerComparison {
 public:
  explicit LayerComparison(LayerOnDisk disk) : disk_(disk) {}

  /// The next entry of the tar. kLimit past what is kept.
  Result<void> add(const archive::TarEntry& entry);
  /// After the last one: looks at the disk. The error is one that ended it.
  Result<void> compare();

  /// The file that the tar calls `name`, to be read; nullptr: none, or another size, which
  /// compare() has said.
  Result<std::unique_ptr<rootfs::Content>> open(std::string_view name, std::uint64_t size) const;
  /// Several entries have that name: the last one is on disk, and the bytes of the others nowhere.
  bool is_repeated(std::string_view name) const;
  void differs(std::string_view path, std::string_view how);
  bool has_differences() const { return !differences_.empty(); }
  /// What was noted, as kChanged or kIntact.
  model::ContentCheck result() const;

 private:
  struct Expected {
    rootfs::EntryType type = rootfs::EntryType::kRegular;
    bool is_hard_link = false, is_whiteout = false, is_repeated = false;
    std::uint32_t mode = 0, uid = 0, gid = 0;
    std::uint64_t size = 0, rdev = 0;
    std::int64_t mtime = 0;
    std::string link, capability;
  };
  class Added;
  Result<void> compare_one(const rootfs::RootfsPath& path, const Expected& expected);
  Result<void> compare_attributes(const rootfs::RootfsPath& path, const Expected& expected);

  LayerOnDisk disk_;
  std::map<rootfs::RootfsPath, Expected> entries_;
  std::map<rootfs::RootfsPath, bool> parents_;  // of entries: the engine makes them
  std::map<rootfs::RootfsPath, bool> opaque_;
  std::uint64_t kept_bytes_ = 0;
  std::map<std::string, std::string, std::less<>> differences_;
  std::optional<Error> unseen_;
};

}  // namespace meridian::store
