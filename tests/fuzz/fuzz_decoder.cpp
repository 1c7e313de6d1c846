// SPDX-License-Identifier: Apache-2.0
//
// fuzz_decoder.cpp: any bytes as a compressed blob. Properties: the pieces in which they arrive
// change nothing; what is not compressed comes back as it was; the bounds hold; a gzip that zlib
// reads to its end is read to the same bytes, and other bytes than zlib's are never given out.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "archive/byte_source.hpp"

namespace {

using namespace meridian;

/// More than any input, so that what is not compressed fits; a bomb is one from here on.
constexpr std::uint64_t kMost = 128 << 10;

class Pieces final : public archive::ByteSource {
 public:
  Pieces(std::string bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}
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

struct Outcome {
  bool whole = false;
  bool limited = false;
  std::string bytes;
};

Outcome decode_in(const std::string& bytes, std::size_t step) {
  archive::DecodeLimits bounds;
  bounds.bytes = kMost;
  Outcome outcome;
  auto source = archive::decode(std::make_unique<Pieces>(bytes, step), bounds);
  if (!source) return outcome;
  std::string buffer(10000, '\0');
  for (;;) {
    const auto got = (*source)->read(buffer.data(), buffer.size());
    if (!got) {
      outcome.limited = got.error().code() == ErrorCode::kLimit;
      return outcome;
    }
    if (*got == 0) break;
    outcome.bytes.append(buffer, 0, *got);
    if (outcome.bytes.size() > kMost) std::abort();
  }
  outcome.whole = true;
  return outcome;
}

/// As zlib reads it: each member to its end, nothing behind.
struct Inflated {
  bool whole = false;
  std::string bytes;
};

Inflated inflate_by_zlib(std::string bytes) {
  Inflated result;
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string buffer(10000, '\0');
  while (stream.avail_in > 0) {
    if (::inflateInit2(&stream, 15 + 16) != Z_OK) std::abort();
    int status = Z_OK;
    while (status == Z_OK && result.bytes.size() <= kMost) {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      status = ::inflate(&stream, Z_NO_FLUSH);
      result.bytes.append(buffer, 0, buffer.size() - stream.avail_out);
    }
    ::inflateEnd(&stream);
    if (status != Z_STREAM_END || result.bytes.size() > kMost) return result;
  }
  result.whole = true;
  return result;
}

void compare_with_zlib(const std::string& bytes, const Outcome& ours) {
  const Inflated theirs = inflate_by_zlib(bytes);
  const bool nested = archive::sniff(theirs.bytes) == archive::Compression::kGzip;
  if (theirs.whole && !nested && (!ours.whole || ours.bytes != theirs.bytes)) std::abort();
  if (ours.whole && ours.bytes != theirs.bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const Outcome at_once = decode_in(bytes, 1 << 20);
  const Outcome in_pieces = decode_in(bytes, 3);
  if (at_once.whole != in_pieces.whole || at_once.limited != in_pieces.limited) std::abort();
  if (at_once.whole && at_once.bytes != in_pieces.bytes) std::abort();
  if (archive::sniff(bytes) == archive::Compression::kGzip) compare_with_zlib(bytes, at_once);
  if (archive::sniff(bytes) == archive::Compression::kNone && size <= kMost) {
    if (!at_once.whole || at_once.bytes != bytes) std::abort();
  }
  return 0;
}
