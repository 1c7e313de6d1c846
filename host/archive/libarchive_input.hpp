// SPDX-License-Identifier: Apache-2.0
//
// libarchive_input.hpp: a ByteSource as what libarchive reads from. Only decoder.cpp,
// member_reader.cpp and tar_reader.cpp include it.
#pragma once

#include <archive.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "archive/byte_source.hpp"
#include "meridian/result.hpp"

namespace meridian::archive {

struct ArchiveDeleter {
  void operator()(::archive* handle) const { ::archive_read_free(handle); }
};
using ArchiveHandle = std::unique_ptr<::archive, ArchiveDeleter>;

/// Stays at one address while an archive reads from it.
class LibarchiveInput {
 public:
  explicit LibarchiveInput(ByteSource& source);
  LibarchiveInput(const LibarchiveInput&) = delete;
  LibarchiveInput& operator=(const LibarchiveInput&) = delete;
  ~LibarchiveInput() = default;

  /// archive_read_open on `handle`, which has its formats and filters.
  int open(::archive* handle);
  /// What went wrong: the source's own error, else libarchive's words as kCorrupt.
  Error error(::archive* handle, std::string_view what) const;
  /// Bytes that were taken from the source.
  std::uint64_t taken() const { return taken_; }

 private:
  static la_ssize_t read(::archive* handle, void* self, const void** block);
  static la_int64_t skip(::archive* handle, void* self, la_int64_t wanted);

  ByteSource& source_;
  std::unique_ptr<char[]> buffer_;
  std::uint64_t taken_ = 0;
  std::optional<Error> error_;
};

}  // namespace meridian::archive
