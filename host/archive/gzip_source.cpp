// SPDX-License-Identifier: Apache-2.0
#include "archive/gzip_source.hpp"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace meridian::archive {
namespace {

constexpr std::size_t kInput = 64 << 10;

// RFC 1952, 2.3.1.
constexpr unsigned char kDeflate = 8;
constexpr unsigned char kHeaderCrc = 2, kExtra = 4, kName = 8, kComment = 16, kReserved = 0xe0;

Error corrupt(const char* why) {
  return Error(ErrorCode::kCorrupt, std::string("decompress: ") + why);
}

class GzipSource final : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> source, const DecodeLimits& bounds)
      : source_(std::move(source)),
        bounds_(bounds),
        input_(std::make_unique_for_overwrite<unsigned char[]>(kInput)) {}

  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    if (failed_) return *failed_;
    if (capacity == 0) return 0;
    auto got = inflate(static_cast<unsigned char*>(buffer), capacity);
    if (!got) failed_ = got.error();
    return got;
  }

 private:
  Result<std::size_t> inflate(unsigned char* buffer, std::size_t capacity);
  Result<void> refill();
  /// Past the header of what is ahead; false: nothing is.
  Result<bool> next_member();
  /// The library reads a header too, but not one with a checksum that comes in two pieces.
  Result<void> read_header();
  Result<unsigned char> header_byte();
  Result<unsigned> header_number();  // of two bytes
  Result<void> skip_text();

  std::unique_ptr<ByteSource> source_;
  DecodeLimits bounds_;
  std::unique_ptr<unsigned char[]> input_;
  // Cleared: what a stream asks for is never what lay in memory before.
  std::unique_ptr<::inflate_state> state_ = std::make_unique<::inflate_state>();
  std::uint64_t taken_ = 0, decoded_ = 0;
  bool input_ended_ = false;
  bool member_ended_ = true;  // or none has begun
  std::uint32_t header_crc_ = 0;
  std::optional<Error> failed_;
};

Result<void> GzipSource::refill() {
  if (state_->avail_in > 0 || input_ended_) return {};
  MERIDIAN_TRY(const std::size_t got, source_->read(input_.get(), kInput));
  taken_ += got;
  input_ended_ = got == 0;
  state_->next_in = input_.get();
  state_->avail_in = static_cast<std::uint32_t>(got);
  return {};
}

Result<unsigned char> GzipSource::header_byte() {
  MERIDIAN_CHECK(refill());
  if (state_->avail_in == 0) return corrupt("cut short");
  const unsigned char byte = *state_->next_in++;
  --state_->avail_in;
  header_crc_ = ::crc32_gzip_refl(header_crc_, &byte, 1);
  return byte;
}

Result<unsigned> GzipSource::header_number() {
  MERIDIAN_TRY(const unsigned low, header_byte());
  MERIDIAN_TRY(const unsigned high, header_byte());
  return high << 8 | low;
}

Result<void> GzipSource::skip_text() {
  for (unsigned char byte = 1; byte != 0;) {
    MERIDIAN_TRY(byte, header_byte());
  }
  return {};
}

Result<void> GzipSource::read_header() {
  header_crc_ = 0;
  MERIDIAN_TRY(const unsigned magic, header_number());
  if (magic != 0x8b1f) return corrupt("bytes after the end of the compressed data");
  MERIDIAN_TRY(const unsigned char method, header_byte());
  MERIDIAN_TRY(const unsigned char flags, header_byte());
  if (method != kDeflate || (flags & kReserved) != 0) return corrupt("a damaged header");
  for (int i = 0; i < 6; ++i) MERIDIAN_CHECK(header_byte());  // time, level, system
  if ((flags & kExtra) != 0) {
    MERIDIAN_TRY(const unsigned size, header_number());
    for (unsigned i = 0; i < size; ++i) MERIDIAN_CHECK(header_byte());
  }
  if ((flags & kName) != 0) MERIDIAN_CHECK(skip_text());
  if ((flags & kComment) != 0) MERIDIAN_CHECK(skip_text());
  if ((flags & kHeaderCrc) != 0) {
    const unsigned expected = header_crc_ & 0xffffu;
    MERIDIAN_TRY(const unsigned said, header_number());
    if (said != expected) return corrupt("a damaged header");
  }
  return {};
}

Result<bool> GzipSource::next_member() {
  MERIDIAN_CHECK(refill());
  if (state_->avail_in == 0) return false;
  MERIDIAN_CHECK(read_header());
  unsigned char* const next = state_->next_in;
  const std::uint32_t left = state_->avail_in;
  ::isal_inflate_init(state_.get());
  state_->next_in = next;
  state_->avail_in = left;
  state_->crc_flag = ISAL_GZIP_NO_HDR_VER;
  member_ended_ = false;
  return true;
}

Result<std::size_t> GzipSource::inflate(unsigned char* buffer, std::size_t capacity) {
  const auto room = static_cast<std::uint32_t>(
      std::min<std::size_t>(capacity, std::numeric_limits<std::int32_t>::max()));
  while (true) {
    if (member_ended_) {
      MERIDIAN_TRY(const bool more, next_member());
      if (!more) return 0;
    }
    MERIDIAN_CHECK(refill());
    state_->next_out = buffer;
    state_->avail_out = room;
    const int status = ::isal_inflate(state_.get());
    // Before what is wrong: how the input is cut into pieces decides nothing.
    const std::size_t got = room - state_->avail_out;
    decoded_ += got;
    MERIDIAN_CHECK(within(bounds_, decoded_, taken_));
    if (status == ISAL_INCORRECT_CHECKSUM) {
      return corrupt("a checksum or size that is not its content's");
    }
    if (status != ISAL_DECOMP_OK) return corrupt("damaged data");
    member_ended_ = state_->block_state == ISAL_BLOCK_FINISH;
    if (got > 0) return got;
    if (!member_ended_ && input_ended_) return corrupt("cut short");
  }
}

}  // namespace

std::unique_ptr<ByteSource> gzip_source(std::unique_ptr<ByteSource> source,
                                        const DecodeLimits& bounds) {
  return std::make_unique<GzipSource>(std::move(source), bounds);
}

}  // namespace meridian::archive
