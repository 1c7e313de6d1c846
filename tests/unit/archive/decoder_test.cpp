// SPDX-License-Identifier: Apache-2.0
//
// decoder_test.cpp: every compression, whole, in pieces, cut and inflated.
#include "archive/compressed.hpp"
#include "base/read_file.hpp"

namespace meridian::archive {
namespace {

/// Not too compressible, so that frames have several blocks.
std::string sample(std::size_t size) {
  std::string bytes;
  std::uint32_t state = 12345;
  while (bytes.size() < size) {
    state = state * 1664525u + 1013904223u;
    bytes += static_cast<char>(state >> 24);
    bytes += "word";
  }
  bytes.resize(size);
  return bytes;
}

Compression every_compression() {
  return GENERATE(Compression::kGzip, Compression::kZstd, Compression::kBzip2, Compression::kXz);
}

ErrorCode code_of(const Result<std::string>& result) {
  REQUIRE_FALSE(result);
  return result.error().code();
}

}  // namespace

TEST_CASE("decoder: the bytes come back, whatever the pieces they arrive in") {
  const Compression compression = every_compression();
  const std::string bytes = sample(GENERATE(1u, 511u, 300000u));
  const std::string packed = compress(compression, bytes);
  CHECK(sniff(packed) == compression);
  CHECK(decode_text(packed).value_or("?") == bytes);
  CHECK(decode_text(packed, {}, 7).value_or("?") == bytes);
}

TEST_CASE("decoder: what is not compressed stays as it is, whatever it was called") {
  for (const std::string& bytes : {std::string(), std::string("x"), sample(100000)}) {
    CHECK(decode_text(bytes).value_or("?") == bytes);
  }
  DecodeLimits bounds;
  bounds.bytes = 10;
  CHECK(decode_text(sample(10), bounds).has_value());
  CHECK(code_of(decode_text(sample(11), bounds)) == ErrorCode::kLimit);
}

TEST_CASE("decoder: every member of a gzip and every frame of a zstd is read") {
  const Compression compression = every_compression();
  const std::string packed = compress(compression, "first ") + compress(compression, "second");
  CHECK(decode_text(packed).value_or("?") == "first second");
  CHECK(decode_text(packed, {}, 1).value_or("?") == "first second");
}

/// RFC 1952 with what a writer may add: CRC of the header, extra field, name, comment.
std::string gzip_with_everything(const std::string& content) {
  const std::string plain = compress(Compression::kGzip, content);
  std::string header("\x1f\x8b\x08\x1e\0\0\0\0\0\x03", 10);
  header += std::string("\x05\0extra", 7) + std::string("name\0", 5) + std::string("words\0", 6);
  std::uint32_t crc = ~0u;
  for (const char byte : header) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xedb88320u : 0);
  }
  header += static_cast<char>(~crc & 0xffu);
  header += static_cast<char>(~crc >> 8 & 0xffu);
  return header + plain.substr(10);
}

TEST_CASE("decoder: a gzip's checksum and size are compared, of each member") {
  const std::string first = compress(Compression::kGzip, sample(3000));
  const std::string packed = first + compress(Compression::kGzip, "second");
  REQUIRE(decode_text(packed));
  for (const std::size_t end : {first.size(), packed.size()}) {
    for (std::size_t back = 1; back <= 8; ++back) {
      for (const std::size_t step : {1u, 7u, 65536u}) {
        std::string bent = packed;
        bent[end - back] = static_cast<char>(bent[end - back] ^ 1);
        CAPTURE(end, back, step);
        CHECK(code_of(decode_text(bent, {}, step)) == ErrorCode::kCorrupt);
      }
    }
  }
}

TEST_CASE("decoder: a gzip's header may have all that there is, and members may be empty") {
  const std::string whole = gzip_with_everything("content");
  const std::string empty = compress(Compression::kGzip, "");
  for (const std::size_t step : {1u, 3u, 65536u}) {
    CHECK(decode_text(whole, {}, step).value_or("?") == "content");
    CHECK(decode_text(empty, {}, step).value_or("?") == "");
    CHECK(decode_text(empty + whole + empty + whole, {}, step).value_or("?") == "contentcontent");
    CHECK(code_of(decode_text(whole.substr(0, 20), {}, step)) == ErrorCode::kCorrupt);
    CHECK(code_of(decode_text(whole + std::string(512, '\0'), {}, step)) == ErrorCode::kCorrupt);
    CHECK(code_of(decode_text(whole + "\x1f", {}, step)) == ErrorCode::kCorrupt);
  }
  std::string bent = whole;
  bent[26] = static_cast<char>(bent[26] ^ 1);  // in the comment
  CHECK(code_of(decode_text(bent)) == ErrorCode::kCorrupt);
}

TEST_CASE("decoder: a gzip's members may begin anywhere in what is read") {
  std::string packed;
  std::string bytes;
  for (std::size_t i = 0; i < 3000; ++i) {
    const std::string one = sample(i % 97);
    packed += compress(Compression::kGzip, one);
    bytes += one;
  }
  for (const std::size_t step : {1u, 13u, 4096u, 65536u}) {
    CHECK((decode_text(packed, {}, step).value_or("?") == bytes));
  }
}

TEST_CASE("decoder: skippable zstd frames, first and last, are no content and no garbage") {
  const std::string skippable("\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
  const std::string frame = compress(Compression::kZstd, "content");
  CHECK(decode_text(skippable + frame + skippable).value_or("?") == "content");
  CHECK(code_of(decode_text(frame + skippable.substr(0, 9))) == ErrorCode::kCorrupt);
}

TEST_CASE("decoder: cut short anywhere is corrupt, never a shorter content") {
  const Compression compression = every_compression();
  const std::string packed = compress(compression, sample(20000));
  const std::size_t step = std::max<std::size_t>(packed.size() / 97, 1);
  for (std::size_t size = 6; size < packed.size(); size += step) {
    CAPTURE(static_cast<int>(compression), size, packed.size());
    CHECK(code_of(decode_text(packed.substr(0, size))) == ErrorCode::kCorrupt);
  }
  CHECK(code_of(decode_text(packed.substr(0, packed.size() - 1))) == ErrorCode::kCorrupt);
}

TEST_CASE("decoder: bytes behind the end are said, not dropped") {
  const Compression compression = every_compression();
  const std::string packed = compress(compression, "content");
  CHECK(code_of(decode_text(packed + "garbage behind it")) == ErrorCode::kCorrupt);
}

TEST_CASE("decoder: a flipped byte is corrupt or gives other bytes, and never a crash") {
  const Compression compression = every_compression();
  const std::string bytes = sample(3000);
  const std::string packed = compress(compression, bytes);
  for (std::size_t i = 0; i < packed.size(); i += 5) {
    std::string bent = packed;
    bent[i] = static_cast<char>(bent[i] ^ 0x41);
    const auto result = decode_text(bent);
    if (!result) CHECK(result.error().code() != ErrorCode::kNotFound);
  }
}

TEST_CASE("decoder: a bomb stops at its ratio and at its size") {
  const Compression compression = every_compression();
  const std::string packed = compress(compression, std::string(4 << 20, '\0'));
  DecodeLimits ratio;
  ratio.free_of_ratio = 1 << 20;
  ratio.ratio = 100;
  CHECK(code_of(decode_text(packed, ratio)) == ErrorCode::kLimit);
  DecodeLimits size;
  size.bytes = 1 << 20;
  CHECK(code_of(decode_text(packed, size)) == ErrorCode::kLimit);
  CHECK(decode_text(packed).has_value());
}

TEST_CASE("decoder: one compression is undone, never one inside it") {
  const Compression compression = every_compression();
  const std::string inner = compress(compression, sample(1000));
  CHECK(code_of(decode_text(compress(compression, inner))) == ErrorCode::kUnsupported);
  const std::string other = compress(
      compression == Compression::kGzip ? Compression::kZstd : Compression::kGzip, "content");
  CHECK(decode_text(compress(compression, other)).value_or("?") == other);
}

TEST_CASE("byte_source: a range ends where it says, and says when the file is shorter") {
  auto file = base::make_scratch_file();
  REQUIRE(file);
  REQUIRE(base::write_all(file->get(), "0123456789"));
  CHECK(read_source(*file_range(file->get(), 3, 4, "f")).value_or("?") == "3456");
  CHECK(code_of(read_source(*file_range(file->get(), 8, 4, "f"))) == ErrorCode::kCorrupt);
}

}  // namespace meridian::archive
