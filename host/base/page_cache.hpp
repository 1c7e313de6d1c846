// SPDX-License-Identifier: Apache-2.0
//
// page_cache.hpp: reading large files without filling the machine's memory with them.
//
// Only what nobody had in the page cache is given back: what was there is a neighbour's. Who reads
// the same bytes while we do loses them with us (the kernel does not say whose a page is), but not
// what it has mapped.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"

namespace meridian::base {

/// Offset and size.
using FileRange = std::pair<std::uint64_t, std::uint64_t>;

/// Smaller files are not asked about: two system calls more for each would be dearer than the
/// memory, and the kernel drops what was read once before what is in use.
inline constexpr std::uint64_t kLargeFile = 1 << 20;

/// Of a regular file of `size` bytes, what is not in the page cache. Nothing where the kernel does
/// not say: it tells the owner, whoever may write, and CAP_FOWNER. By cachestat(2), Linux 6.5 and
/// later; where that does not answer and for files that are partly there by mincore(2), up to 4
/// GiB.
std::vector<FileRange> uncached_ranges(int fd, std::uint64_t size);
/// POSIX_FADV_DONTNEED. What was written to or is mapped by anybody stays.
void drop_from_cache(int fd, std::span<const FileRange> ranges);

/// While a file is read forwards: gives back what lies behind, and keeps what is near, as that is
/// looked at again. Who begins anew begins anew.
class DropBehind {
 public:
  /// Kept behind the place that is read.
  static constexpr std::uint64_t kNear = 16ull << 20;
  explicit DropBehind(std::vector<FileRange> uncached) : uncached_(std::move(uncached)) {}

  /// `offset` to `end` was read.
  void passed(int fd, std::uint64_t offset, std::uint64_t end);
  /// All of it goes.
  void finish(int fd) const { drop_from_cache(fd, uncached_); }

 private:
  std::vector<FileRange> uncached_;
  std::uint64_t dropped_ = 0;  // below it nothing of uncached_ is left
};

/// `file`, of which is dropped what was not in the page cache before, when the last copy goes.
std::shared_ptr<UniqueFd> share_uncached(UniqueFd file, std::uint64_t size);

}  // namespace meridian::base
