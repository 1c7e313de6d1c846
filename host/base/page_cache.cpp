// SPDX-License-Identifier: Apache-2.0
#include "base/page_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace meridian::base {

namespace {

/// Of a file that is looked at page by page, 20 ns each.
constexpr std::uint64_t kMostLookedAt = 4ull << 30;
constexpr std::size_t kPagesAtOnce = 16 << 10;
/// Of one file; what is more scattered stays in the cache.
constexpr std::size_t kMostRanges = 256;

// Since Linux 6.5, one number everywhere; Debian 12 has no name for it.
constexpr long kCachestat = 451;
struct CachestatRange {
  std::uint64_t offset, size;
};
struct Cachestat {
  std::uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

std::uint64_t page_size() {
  static const auto size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

/// Its pages that are there; -1: an older kernel, a filter of system calls, or not for us to know.
std::int64_t cached_pages(int fd, std::uint64_t size) {
  CachestatRange range{0, size};
  Cachestat found{};
  if (::syscall(kCachestat, fd, &range, &found, 0U) != 0) return -1;
  return static_cast<std::int64_t>(found.cached);
}

/// Adds the runs of pages that are absent; `first`: their place in the file. False: enough of them.
bool add_absent(std::vector<FileRange>& ranges, std::span<const unsigned char> pages,
                std::uint64_t first, std::uint64_t size) {
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if ((pages[i] & 1u) != 0) continue;
    const std::uint64_t at = first + i * page_size();
    const std::uint64_t end = std::min(at + page_size(), size);
    if (!ranges.empty() && ranges.back().first + ranges.back().second == at) {
      ranges.back().second = end - ranges.back().first;
    } else if (ranges.size() < kMostRanges) {
      ranges.emplace_back(at, end - at);
    } else {
      return false;
    }
  }
  return true;
}

/// By a mapping that allows no access: what the file's end does cannot fault.
std::vector<FileRange> absent_pages(int fd, std::uint64_t size) {
  std::vector<FileRange> ranges;
  const auto length = static_cast<std::size_t>(std::min(size, kMostLookedAt));
  void* const at = ::mmap(nullptr, length, PROT_NONE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return ranges;  // NOLINT(performance-no-int-to-ptr): libc's macro
  std::vector<unsigned char> pages(kPagesAtOnce);
  const auto window = static_cast<std::size_t>(kPagesAtOnce * page_size());
  for (std::size_t done = 0; done < length; done += window) {
    const std::size_t bytes = std::min(window, length - done);
    if (::mincore(static_cast<char*>(at) + done, bytes, pages.data()) != 0) break;
    const auto count = static_cast<std::size_t>((bytes + page_size() - 1) / page_size());
    if (!add_absent(ranges, {pages.data(), count}, done, size)) break;
  }
  ::munmap(at, length);
  return ranges;
}

}  // namespace

std::vector<FileRange> uncached_ranges(int fd, std::uint64_t size) {
  if (size < kLargeFile) return {};
  const std::int64_t cached = cached_pages(fd, size);
  if (cached == 0) return {{0, size}};
  const std::uint64_t pages = (size + page_size() - 1) / page_size();
  if (cached > 0 && static_cast<std::uint64_t>(cached) >= pages) return {};
  return absent_pages(fd, size);
}

void drop_from_cache(int fd, std::span<const FileRange> ranges) {
  for (const auto& [offset, size] : ranges) {
    ::posix_fadvise(fd, static_cast<off_t>(offset), static_cast<off_t>(size), POSIX_FADV_DONTNEED);
  }
}

void DropBehind::passed(int fd, std::uint64_t offset, std::uint64_t end) {
  if (offset < dropped_) dropped_ = offset;
  // A call for every kNear bytes.
  if (uncached_.empty() || end < dropped_ + 2 * kNear) return;
  const std::uint64_t until = end - kNear;
  for (const auto& [at, size] : uncached_) {
    const std::uint64_t from = std::max(at, dropped_);
    const std::uint64_t to = std::min(at + size, until);
    if (from < to) drop_from_cache(fd, std::vector{FileRange(from, to - from)});
  }
  dropped_ = until;
}

std::shared_ptr<UniqueFd> share_uncached(UniqueFd file, std::uint64_t size) {
  struct Kept {
    UniqueFd file;
    std::vector<FileRange> uncached;
    Kept(UniqueFd taken, std::uint64_t bytes)
        : file(std::move(taken)), uncached(uncached_ranges(file.get(), bytes)) {}
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() {
      if (file) drop_from_cache(file.get(), uncached);
    }
  };
  const auto kept = std::make_shared<Kept>(std::move(file), size);
  return {kept, &kept->file};
}

}  // namespace meridian::base
