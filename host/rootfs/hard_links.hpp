// SPDX-License-Identifier: Apache-2.0
//
// hard_links.hpp: files of a walked directory that have several names, until the last is met: so
// that each is read once, whatever it is called. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "rootfs/file_stat.hpp"

namespace meridian::rootfs {

struct LinkedFile {
  FileStat stat;
  std::vector<RootfsPath> names;  // at least one, in the order in which they were met
};

class HardLinks {
 public:
  /// `found` has several names, of which `path` is one. Given back with the last of them. Past
  /// limits::kMaxHeldNames a file is given back with those that were met: it is read again for its
  /// other names, and nothing is lost.
  std::optional<LinkedFile> add(const RootfsPath& path, const FileStat& found);
  /// At the end of the walk: those with names elsewhere, outside of the tree.
  std::vector<LinkedFile> take_rest();

 private:
  std::map<std::pair<std::uint64_t, std::uint64_t>, LinkedFile> files_;  // by device and inode
  std::uint64_t held_ = 0;                                               // bytes
};

}  // namespace meridian::rootfs
