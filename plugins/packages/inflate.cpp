// SPDX-License-Identifier: Apache-2.0
#include "inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>

namespace meridian::packages {
namespace {

struct End {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

Result<std::string> inflate(std::string_view packed, std::uint64_t limit, Wrapping wrapping) {
  constexpr std::size_t kStep = 64 << 10;
  constexpr std::uint64_t kMost = 1u << 30;  // zlib counts in 32 bits
  z_stream stream{};
  const int bits = wrapping == Wrapping::kZlib ? MAX_WBITS : -MAX_WBITS;
  if (packed.size() > kMost || inflateInit2(&stream, bits) != Z_OK) {
    return Error(ErrorCode::kLimit, "no memory to unpack it");
  }
  const std::unique_ptr<z_stream, End> owner(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  while (true) {
    const std::size_t had = out.size();
    if (had > limit) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(limit) + " bytes unpacked");
    }
    // Twice as much each time, but no more than a byte above the limit.
    const std::uint64_t room = std::min<std::uint64_t>(std::max(kStep, had), limit + 1 - had);
    out.resize(had + static_cast<std::size_t>(room));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = static_cast<uInt>(room);
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (status == Z_STREAM_END) break;
    if (status != Z_OK || out.size() == had) {
      return Error(ErrorCode::kCorrupt, "the deflated bytes are damaged or cut off");
    }
  }
  if (out.size() > limit) {
    return Error(ErrorCode::kLimit, "more than " + std::to_string(limit) + " bytes unpacked");
  }
  return out;
}

}  // namespace meridian::packages
