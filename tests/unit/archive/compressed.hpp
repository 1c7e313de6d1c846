// SPDX-License-Identifier: Apache-2.0
//
// compressed.hpp: bytes compressed for tests, and ByteSources over strings.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "archive/byte_source.hpp"
#include "support/catch.hpp"

namespace meridian::archive {

inline std::string compress(Compression compression, std::string_view bytes) {
  ::archive* handle = ::archive_write_new();
  ::archive_write_set_format_raw(handle);
  int status = ARCHIVE_OK;
  if (compression == Compression::kGzip) status = ::archive_write_add_filter_gzip(handle);
  if (compression == Compression::kZstd) status = ::archive_write_add_filter_zstd(handle);
  if (compression == Compression::kBzip2) status = ::archive_write_add_filter_bzip2(handle);
  if (compression == Compression::kXz) status = ::archive_write_add_filter_xz(handle);
  REQUIRE(status == ARCHIVE_OK);
  std::string out;
  const auto write = [](::archive*, void* self, const void* block, std::size_t size) {
    static_cast<std::string*>(self)->append(static_cast<const char*>(block), size);
    return static_cast<la_ssize_t>(size);
  };
  ::archive_write_set_bytes_in_last_block(handle, 1);
  REQUIRE(::archive_write_open(handle, &out, nullptr, write, nullptr) == ARCHIVE_OK);
  ::archive_entry* entry = ::archive_entry_new();
  ::archive_entry_set_filetype(entry, AE_IFREG);
  REQUIRE(::archive_write_header(handle, entry) == ARCHIVE_OK);
  REQUIRE(::archive_write_data(handle, bytes.data(), bytes.size()) ==
          static_cast<la_ssize_t>(bytes.size()));
  ::archive_entry_free(entry);
  REQUIRE(::archive_write_close(handle) == ARCHIVE_OK);
  ::archive_write_free(handle);
  return out;
}

/// Gives at most `step` bytes at a time.
class StringSource final : public ByteSource {
 public:
  explicit StringSource(std::string bytes, std::size_t step = 1 << 16)
      : bytes_(std::move(bytes)), step_(step) {}
  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    const std::size_t got = std::min({capacity, step_, bytes_.size() - at_});
    if (got > 0) std::memcpy(buffer, bytes_.data() + at_, got);
    at_ += got;
    return got;
  }

 private:
  std::string bytes_;
  std::size_t step_;
  std::size_t at_ = 0;
};

inline Result<std::string> read_source(ByteSource& source) {
  std::string all;
  std::string buffer(4096, '\0');
  for (;;) {
    MERIDIAN_TRY(const std::size_t got, source.read(buffer.data(), buffer.size()));
    if (got == 0) return all;
    all.append(buffer, 0, got);
  }
}

inline Result<std::string> decode_text(const std::string& bytes, const DecodeLimits& bounds = {},
                                       std::size_t step = 1 << 16) {
  MERIDIAN_TRY(auto source, decode(std::make_unique<StringSource>(bytes, step), bounds));
  return read_source(*source);
}

}  // namespace meridian::archive
