// SPDX-License-Identifier: Apache-2.0
//
// byte_source.cpp: ranges of files, and what their first bytes say.
#include "archive/byte_source.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "base/read_file.hpp"

namespace meridian::archive {
namespace {

class FileRange final : public ByteSource {
 public:
  FileRange(int fd, std::uint64_t offset, std::uint64_t size, std::string name)
      : fd_(fd), at_(offset), left_(size), name_(std::move(name)) {}

  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, left_));
    if (wanted == 0) return 0;
    MERIDIAN_TRY(const std::size_t got, base::read_at(fd_, at_, buffer, wanted, name_));
    if (got == 0) {
      return Error(ErrorCode::kCorrupt, base::escape(name_) + ": " + std::to_string(left_) +
                                            " bytes are missing at its end");
    }
    at_ += got;
    left_ -= got;
    return got;
  }
  Result<std::uint64_t> skip(std::uint64_t count) override {
    count = std::min(count, left_);
    at_ += count;
    left_ -= count;
    return count;
  }

 private:
  int fd_;
  std::uint64_t at_;
  std::uint64_t left_;
  std::string name_;
};

bool starts_with(std::string_view bytes, std::string_view magic) {
  return bytes.substr(0, magic.size()) == magic;
}

/// A zstd frame, or a skippable one, which may come first (zstd:chunked, pzstd).
bool is_zstd(std::string_view bytes) {
  if (starts_with(bytes, "\x28\xb5\x2f\xfd")) return true;
  return bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xf0u) == 0x50 &&
         bytes.substr(1, 3) == "\x2a\x4d\x18";
}

}  // namespace

std::unique_ptr<ByteSource> file_range(int fd, std::uint64_t offset, std::uint64_t size,
                                       std::string name) {
  return std::make_unique<FileRange>(fd, offset, size, std::move(name));
}

Result<void> within(const DecodeLimits& bounds, std::uint64_t decoded, std::uint64_t taken) {
  if (decoded > bounds.bytes) {
    return Error(ErrorCode::kLimit, "more than " + std::to_string(bounds.bytes) + " bytes");
  }
  if (decoded > bounds.free_of_ratio && decoded / bounds.ratio > taken) {
    return Error(ErrorCode::kLimit, std::to_string(decoded) + " bytes out of " +
                                        std::to_string(taken) + ": a decompression bomb");
  }
  return {};
}

Compression sniff(std::string_view first_bytes) {
  if (starts_with(first_bytes, "\x1f\x8b")) return Compression::kGzip;
  if (is_zstd(first_bytes)) return Compression::kZstd;
  if (starts_with(first_bytes, "BZh")) return Compression::kBzip2;
  if (starts_with(first_bytes, std::string_view("\xfd\x37zXZ\0", 6))) return Compression::kXz;
  return Compression::kNone;
}

}  // namespace meridian::archive
