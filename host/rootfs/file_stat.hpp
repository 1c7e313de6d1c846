// SPDX-License-Identifier: Apache-2.0
//
// file_stat.hpp: what the kernel says of a file, and whether two answers mean the same file.
#pragma once

#include <cstdint>

#include "rootfs/tree.hpp"

namespace meridian::rootfs {

struct FileStat {
  Stat stat;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t links = 1;  // names of the inode, here or elsewhere
  std::uint64_t mount = 0;  // 0: the kernel does not say (before 5.8)

  bool same_file(const FileStat& other) const {
    return stat.type == other.stat.type && device == other.device && inode == other.inode;
  }
  /// By mount id, because overlayfs and btrfs give several device numbers within one mount; where
  /// there is none, by the device of directories.
  bool same_mount(const FileStat& other) const {
    if (mount != 0 && other.mount != 0) return mount == other.mount;
    return stat.type != EntryType::kDirectory || device == other.device;
  }
};

/// Of `name` in the directory, no link followed and nothing mounted by asking; of the descriptor
/// itself when `name` is "". Returns 0 or an errno.
int stat_at(int directory, const char* name, FileStat& result);

}  // namespace meridian::rootfs
