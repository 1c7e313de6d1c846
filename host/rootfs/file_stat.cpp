// SPDX-License-Identifier: Apache-2.0
//
// file_stat.cpp: statx.
#include "rootfs/file_stat.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace meridian::rootfs {
namespace {

EntryType entry_type(std::uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return EntryType::kDirectory;
    case S_IFLNK:
      return EntryType::kSymlink;
    case S_IFCHR:
      return EntryType::kCharDevice;
    case S_IFBLK:
      return EntryType::kBlockDevice;
    case S_IFIFO:
      return EntryType::kFifo;
    case S_IFSOCK:
      return EntryType::kSocket;
    default:
      return EntryType::kRegular;
  }
}

}  // namespace

int stat_at(int directory, const char* name, FileStat& result) {
  const unsigned kFlags =
      AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC | (*name == 0 ? AT_EMPTY_PATH : 0);
  struct statx raw;
  const auto look = [&](unsigned flags) {
    return ::statx(directory, name, static_cast<int>(flags), STATX_BASIC_STATS | STATX_MNT_ID,
                   &raw);
  };
  // gVisor has no automounts, and no such flag.
  if (look(kFlags | AT_NO_AUTOMOUNT) != 0 && (errno != EINVAL || look(kFlags) != 0)) return errno;
  result.stat.type = entry_type(raw.stx_mode);
  result.stat.mode = raw.stx_mode & 07777u;
  result.stat.uid = raw.stx_uid;
  result.stat.gid = raw.stx_gid;
  result.stat.size = raw.stx_size;
  result.stat.mtime = raw.stx_mtime.tv_sec;
  result.stat.rdev = makedev(raw.stx_rdev_major, raw.stx_rdev_minor);
  constexpr std::uint64_t kBlock = 512;  // of stx_blocks, whatever the file system has
  result.stat.sparse =
      result.stat.type == EntryType::kRegular && raw.stx_blocks * kBlock < raw.stx_size;
  result.device = makedev(raw.stx_dev_major, raw.stx_dev_minor);
  result.inode = raw.stx_ino;
  result.links = raw.stx_nlink;
  result.mount = (raw.stx_mask & STATX_MNT_ID) != 0 ? raw.stx_mnt_id : 0;
  return 0;
}

}  // namespace meridian::rootfs
