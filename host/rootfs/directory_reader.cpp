// SPDX-License-Identifier: Apache-2.0
//
// directory_reader.cpp: getdents64 into one buffer.
#include "rootfs/directory_reader.hpp"

#include <dirent.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "rootfs/file_stat.hpp"

namespace meridian::rootfs {
namespace {

constexpr std::size_t kBuffer = 32 << 10;

}  // namespace

DirectoryReader::DirectoryReader(int directory)
    : directory_(directory), buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {}

const char* DirectoryReader::next() {
  for (;;) {
    if (at_ >= filled_) {
      const ssize_t got = ::getdents64(directory_, buffer_.get(), kBuffer);
      if (got < 0) error_ = errno;
      if (got <= 0) return nullptr;
      filled_ = static_cast<std::size_t>(got);
      at_ = 0;
    }
    std::uint16_t length = 0;
    char* const record = buffer_.get() + at_;
    std::memcpy(&length, record + offsetof(dirent64, d_reclen), sizeof length);
    at_ += length;
    const char* const name = record + offsetof(dirent64, d_name);
    if (std::strcmp(name, ".") != 0 && std::strcmp(name, "..") != 0) return name;
  }
}

Result<std::vector<DirEntry>> list_directory(int directory, std::string_view what) {
  std::vector<DirEntry> entries;
  DirectoryReader reader(directory);
  while (const char* name = reader.next()) {
    FileStat found;
    if (const int error = stat_at(directory, name, found); error != 0) {
      if (error == ENOENT) continue;
      return base::system_error(error, std::string(what) + "/" + name);
    }
    if (entries.size() >= limits::kMaxEntries) {
      return Error(ErrorCode::kLimit, base::escape(what) + ": more than " +
                                          std::to_string(limits::kMaxEntries) + " entries");
    }
    entries.push_back(dir_entry(name, found.stat));
  }
  if (reader.error() != 0) return base::system_error(reader.error(), what);
  std::sort(entries.begin(), entries.end(),
            [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
  return entries;
}

}  // namespace meridian::rootfs
