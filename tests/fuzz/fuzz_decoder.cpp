// SPDX-License-Identifier: Apache-2.0
//
// fuzz_decoder.cpp: any bytes as a compressed blob. Properties: the pieces in which they arrive
// change nothing; what is not compressed comes back as it was; the bounds hold.
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const Outcome at_once = decode_in(bytes, 1 << 20);
  const Outcome in_pieces = decode_in(bytes, 3);
  if (at_once.whole != in_pieces.whole || at_once.limited != in_pieces.limited) std::abort();
  if (at_once.whole && at_once.bytes != in_pieces.bytes) std::abort();
  if (archive::sniff(bytes) == archive::Compression::kNone && size <= kMost) {
    if (!at_once.whole || at_once.bytes != bytes) std::abort();
  }
  return 0;
}
