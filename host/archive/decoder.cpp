// SPDX-License-Identifier: Apache-2.0
//
// decoder.cpp: gzip by gzip_source, the rest by libarchive's filters over its "raw" format, which
// is the bytes themselves.
#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "archive/byte_source.hpp"
#include "archive/gzip_source.hpp"
#include "archive/libarchive_input.hpp"
#include "archive/zstd_frames.hpp"

namespace meridian::archive {
namespace {

constexpr std::size_t kSniffed = 6;

/// Gives `first` and then the rest of `source`; keeps count and, of zstd, the frames.
class Rejoined final : public ByteSource {
 public:
  Rejoined(std::string first, std::unique_ptr<ByteSource> source, Compression compression)
      : first_(std::move(first)), source_(std::move(source)) {
    if (compression == Compression::kZstd) frames_.emplace();
  }

  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    std::size_t got = 0;
    if (!first_.empty()) {
      got = std::min(capacity, first_.size());
      std::memcpy(buffer, first_.data(), got);
      first_.erase(0, got);
    } else {
      MERIDIAN_TRY(got, source_->read(buffer, capacity));
    }
    if (frames_) frames_->feed({static_cast<const char*>(buffer), got});
    return got;
  }
  Result<std::uint64_t> skip(std::uint64_t count) override {
    if (!first_.empty() || frames_) return 0;
    return source_->skip(count);
  }
  /// libarchive takes the end of the input for the end of a zstd frame.
  bool cut_short() const { return frames_ && !frames_->complete(); }

 private:
  std::string first_;
  std::unique_ptr<ByteSource> source_;
  std::optional<ZstdFrames> frames_;
};

/// Counts, for what is not compressed.
class Bounded final : public ByteSource {
 public:
  Bounded(std::unique_ptr<ByteSource> source, std::uint64_t limit)
      : source_(std::move(source)), limit_(limit) {}
  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    MERIDIAN_TRY(const std::size_t got, source_->read(buffer, capacity));
    if (got > limit_) return Error(ErrorCode::kLimit, "more bytes than a layer may have");
    limit_ -= got;
    return got;
  }
  Result<std::uint64_t> skip(std::uint64_t count) override {
    MERIDIAN_TRY(const std::uint64_t passed, source_->skip(std::min(count, limit_)));
    limit_ -= passed;
    return passed;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::uint64_t limit_;
};

int add_filter(::archive* handle, Compression compression) {
  switch (compression) {
    case Compression::kZstd:
      return ::archive_read_support_filter_zstd(handle);
    case Compression::kBzip2:
      return ::archive_read_support_filter_bzip2(handle);
    case Compression::kXz:
      return ::archive_read_support_filter_xz(handle);
    case Compression::kGzip:  // gzip_source.hpp
    case Compression::kNone:
      break;
  }
  return ARCHIVE_FATAL;
}

class Decoder final : public ByteSource {
 public:
  Decoder(std::unique_ptr<Rejoined> source, const DecodeLimits& bounds)
      : source_(std::move(source)), input_(*source_), bounds_(bounds) {}

  Result<void> open(Compression compression);
  Result<std::size_t> read(void* buffer, std::size_t capacity) override;

 private:
  Result<std::size_t> decode_some(void* buffer, std::size_t capacity);
  /// All input belongs to what was decoded, and nothing is missing.
  Result<void> check_end();

  std::unique_ptr<Rejoined> source_;
  LibarchiveInput input_;
  DecodeLimits bounds_;
  ArchiveHandle handle_;
  std::uint64_t decoded_ = 0;
  bool at_end_ = false;
  std::optional<Error> failed_;
};

Result<void> Decoder::open(Compression compression) {
  handle_.reset(::archive_read_new());
  if (!handle_) return Error(ErrorCode::kMemory, "libarchive: out of memory");
  // ARCHIVE_WARN: it would start a program for this; bytes of strangers go to no shell.
  if (add_filter(handle_.get(), compression) != ARCHIVE_OK) {
    return Error(ErrorCode::kUnsupported, "this libarchive lacks the compression");
  }
  ::archive_read_support_format_raw(handle_.get());
  ::archive_read_support_format_empty(handle_.get());
  if (input_.open(handle_.get()) != ARCHIVE_OK) return input_.error(handle_.get(), "decompress");
  ::archive_entry* entry = nullptr;
  const int status = ::archive_read_next_header(handle_.get(), &entry);
  if (status == ARCHIVE_EOF) {
    at_end_ = true;
    return check_end();
  }
  if (status != ARCHIVE_OK) return input_.error(handle_.get(), "decompress");
  // Itself and the source. libarchive passes on as they are bytes whose header it does not like,
  // and undoes a compression inside the compression too; a layer is compressed once.
  const int filters = ::archive_filter_count(handle_.get());
  if (filters < 2) return Error(ErrorCode::kCorrupt, "decompress: a damaged or cut header");
  if (filters > 2) return Error(ErrorCode::kUnsupported, "compressed more than once");
  return {};
}

Result<std::size_t> Decoder::read(void* buffer, std::size_t capacity) {
  if (failed_) return *failed_;
  if (at_end_ || capacity == 0) return 0;
  auto got = decode_some(buffer, capacity);
  if (!got) failed_ = got.error();
  return got;
}

Result<std::size_t> Decoder::decode_some(void* buffer, std::size_t capacity) {
  const la_ssize_t got = ::archive_read_data(handle_.get(), buffer, capacity);
  if (got < 0) return input_.error(handle_.get(), "decompress");
  decoded_ += static_cast<std::uint64_t>(got);
  MERIDIAN_CHECK(within(bounds_, decoded_, input_.taken()));
  if (got == 0) {
    at_end_ = true;
    MERIDIAN_CHECK(check_end());
  }
  return static_cast<std::size_t>(got);
}

Result<void> Decoder::check_end() {
  if (source_->cut_short()) return Error(ErrorCode::kCorrupt, "decompress: cut short");
  // -1: the filter nearest to the source, so bytes of the compressed input.
  const auto used = static_cast<std::uint64_t>(::archive_filter_bytes(handle_.get(), -1));
  char next = 0;
  MERIDIAN_TRY(const std::size_t more, source_->read(&next, 1));
  if (used != input_.taken() || more != 0) {
    return Error(ErrorCode::kCorrupt, "decompress: bytes after the end of the compressed data");
  }
  return {};
}

/// As many of the first bytes as sniff() looks at, if there are so many.
Result<std::string> first_bytes(ByteSource& source) {
  std::string first(kSniffed, '\0');
  std::size_t have = 0;
  while (have < kSniffed) {
    MERIDIAN_TRY(const std::size_t got, source.read(first.data() + have, kSniffed - have));
    if (got == 0) break;
    have += got;
  }
  first.resize(have);
  return first;
}

Result<std::unique_ptr<ByteSource>> decode_gzip(std::unique_ptr<ByteSource> source,
                                                const DecodeLimits& bounds) {
  auto decoded = gzip_source(std::move(source), bounds);
  MERIDIAN_TRY(std::string first, first_bytes(*decoded));
  if (sniff(first) == Compression::kGzip) {
    return Error(ErrorCode::kUnsupported, "compressed more than once");
  }
  return std::unique_ptr<ByteSource>(
      std::make_unique<Rejoined>(std::move(first), std::move(decoded), Compression::kNone));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> decode(std::unique_ptr<ByteSource> source,
                                           const DecodeLimits& bounds) {
  MERIDIAN_TRY(std::string first, first_bytes(*source));
  const Compression compression = sniff(first);
  auto whole = std::make_unique<Rejoined>(std::move(first), std::move(source), compression);
  if (compression == Compression::kNone) {
    return std::unique_ptr<ByteSource>(std::make_unique<Bounded>(std::move(whole), bounds.bytes));
  }
  if (compression == Compression::kGzip) return decode_gzip(std::move(whole), bounds);
  auto decoder = std::make_unique<Decoder>(std::move(whole), bounds);
  MERIDIAN_CHECK(decoder->open(compression));
  return std::unique_ptr<ByteSource>(std::move(decoder));
}

}  // namespace meridian::archive
