// SPDX-License-Identifier: Apache-2.0
//
// tar_reader.hpp: the entries of a tar, in order. With decoder.hpp the only user of libarchive.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "archive/byte_source.hpp"
#include "meridian/result.hpp"

namespace meridian::archive {

enum class TarType { kRegular, kDirectory, kSymlink, kHardlink, kCharDevice, kBlockDevice, kFifo };

struct TarEntry {
  std::string path;  // bytes as stored: may be absolute, may hold "..": RootfsPath::parse
  TarType type = TarType::kRegular;
  std::uint32_t mode = 0;  // 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
  std::uint64_t rdev = 0;
  std::string link;  // target of a symbolic or hard link
  std::map<std::string, std::string> xattrs;
};

class TarReader {
 public:
  /// `source` gives decoded bytes and outlives the reader.
  static Result<std::unique_ptr<TarReader>> create(ByteSource& source);
  virtual ~TarReader() = default;
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  /// The next entry, or nullopt at the end. After an error every later call gives it again.
  /// kCorrupt: bytes that are no tar, or cut short.
  virtual Result<std::optional<TarEntry>> next() = 0;
  /// Next bytes of the current entry's content (holes as zeros); 0 at its end.
  virtual Result<std::size_t> read(void* buffer, std::size_t capacity) = 0;

 protected:
  TarReader() = default;
};

}  // namespace meridian::archive
