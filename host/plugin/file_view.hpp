// SPDX-License-Identifier: Apache-2.0
//
// file_view.hpp: one opened file as plugins see it (abi/file.h), shared by all plugins that want
// it.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "base/sha256.hpp"
#include "meridian/abi/file.h"
#include "plugin/thread_role.hpp"
#include "rootfs/tree.hpp"

namespace meridian::plugin {

class FileView {
 public:
  /// All are borrowed; `attributes` answers xattr().
  FileView(const rootfs::RootfsPath& path, const rootfs::Stat& stat, rootfs::Content& content,
           rootfs::Visitor::Opener& attributes, std::uint32_t layer_index = 0);
  FileView(const FileView&) = delete;
  FileView& operator=(const FileView&) = delete;
  ~FileView() = default;

  const meridian_file* record() const { return &record_; }
  const rootfs::RootfsPath& path() const { return path_; }
  /// Forgets what was lent to the callback that has just returned.
  void end_call() { lent_.clear(); }

 private:
  static meridian_status read(void* impl, std::uint64_t offset, void* buffer,
                              std::uint64_t capacity, std::uint64_t* ret_read,
                              meridian_failure* failure);
  static meridian_status sha256(void* impl, std::uint8_t digest[32], meridian_failure* failure);
  static meridian_status xattr(void* impl, meridian_str name, meridian_str* value,
                               meridian_failure* failure);

  ThreadRole worker_;
  const rootfs::RootfsPath& path_;
  rootfs::Content& content_;
  rootfs::Visitor::Opener& attributes_;
  std::optional<base::Sha256Bytes> digest_;
  std::deque<std::string> lent_;
  meridian_stat stat_{};
  meridian_file record_{};
};

/// The C record of a Stat: type and permission bits together, as in stat(2).
meridian_stat to_record(const rootfs::Stat& stat);

}  // namespace meridian::plugin
