// SPDX-License-Identifier: Apache-2.0
#include "base/page_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/temp_dir.hpp"

using namespace meridian;
using base::FileRange;
using testing_support::TempDir;

namespace {

constexpr std::uint64_t kSize = 3 * base::kLargeFile + 100;

/// Written, and nowhere but on the disk; nothing where the file system has no other place.
base::UniqueFd cold_file(const TempDir& temp) {
  const std::string path = temp.file("file", std::string(kSize, 'x'));
  base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(::fsync(file.get()) == 0);
  base::drop_from_cache(file.get(), std::vector{FileRange(0, kSize)});
  if (base::uncached_ranges(file.get(), kSize).empty()) file.reset();
  return file;
}

void read_some(int file, off_t offset, std::size_t size) {
  ::posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM);  // no page more
  std::string buffer(size, '\0');
  REQUIRE(::pread(file, buffer.data(), size, offset) == static_cast<ssize_t>(size));
}

using Ranges = std::vector<FileRange>;

}  // namespace

TEST_CASE("page cache: what is not in it is known, and only that") {
  const TempDir temp;
  const base::UniqueFd file = cold_file(temp);
  if (!file) return;
  CHECK(base::uncached_ranges(file.get(), kSize) == Ranges{{0, kSize}});
  CHECK(base::uncached_ranges(file.get(), base::kLargeFile - 1).empty());
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  read_some(file.get(), static_cast<off_t>(8 * page), 2 * page);
  const auto around = base::uncached_ranges(file.get(), kSize);
  REQUIRE(around.size() == 2);
  CHECK(around[0].first == 0);
  CHECK(around[0].second <= 8 * page);
  CHECK(around[1].first >= 10 * page);
  CHECK(around[1].first + around[1].second == kSize);
  read_some(file.get(), 0, kSize);
  CHECK(base::uncached_ranges(file.get(), kSize).empty());
}

TEST_CASE("page cache: what was there stays, the rest goes with the last copy") {
  const TempDir temp;
  base::UniqueFd file = cold_file(temp);
  if (!file) return;
  const base::UniqueFd other(::dup(file.get()));
  read_some(file.get(), 1 << 20, 64 << 10);
  const auto before = base::uncached_ranges(other.get(), kSize);
  auto shared = base::share_uncached(std::move(file), kSize);
  read_some(shared->get(), 0, kSize);
  auto second = shared;
  shared.reset();
  CHECK(base::uncached_ranges(other.get(), kSize).empty());
  second.reset();
  CHECK(base::uncached_ranges(other.get(), kSize) == before);
}

TEST_CASE("page cache: what lies far behind a reader is given back while it reads on") {
  using base::DropBehind;
  const TempDir temp;
  constexpr std::uint64_t kPiece = 1 << 20;
  constexpr std::uint64_t kLong = 4 * DropBehind::kNear;
  const std::string path = temp.file("file", std::string(kLong, 'x'));
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(::fsync(file.get()) == 0);
  base::drop_from_cache(file.get(), Ranges{{0, kLong}});
  if (base::uncached_ranges(file.get(), kLong) != Ranges{{0, kLong}}) return;
  read_some(file.get(), 3 << 20, kPiece);  // a neighbour's
  const auto cached = [&] {
    std::uint64_t bytes = kLong;
    for (const auto& [at, size] : base::uncached_ranges(file.get(), kLong)) bytes -= size;
    return bytes;
  };
  REQUIRE(cached() == kPiece);
  DropBehind behind(base::uncached_ranges(file.get(), kLong));
  for (int pass = 0; pass < 2; ++pass) {
    for (std::uint64_t at = 0; at < kLong; at += kPiece) {
      read_some(file.get(), static_cast<off_t>(at), kPiece);
      behind.passed(file.get(), at, at + kPiece);
      // Of the pass before, what lay near its end is still there.
      REQUIRE(cached() <= static_cast<std::uint64_t>(2 + 2 * pass) * DropBehind::kNear + kPiece);
    }
  }
  behind.finish(file.get());
  CHECK(cached() == kPiece);
}

TEST_CASE("page cache: of a file that became shorter nothing is touched") {
  const TempDir temp;
  const std::string path = temp.file("file", "short");
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  for (const auto& [offset, size] : base::uncached_ranges(file.get(), kSize)) {
    CHECK(offset + size <= kSize);
  }
  CHECK(base::uncached_ranges(-1, kSize).empty());
}
