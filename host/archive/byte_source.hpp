// SPDX-License-Identifier: Apache-2.0
//
// byte_source.hpp: bytes in order, from a range of a file, decoded or counted on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "meridian/result.hpp"

namespace meridian::archive {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `capacity` bytes; 0 at the end.
  virtual Result<std::size_t> read(void* buffer, std::size_t capacity) = 0;
  /// Passes over bytes that nobody wants, at most `count`, where that costs less than to read them;
  /// how many it passed over. 0: read them.
  virtual Result<std::uint64_t> skip(std::uint64_t /*count*/) { return 0; }
};

/// `size` bytes of `fd` (borrowed) from `offset`, by pread. kCorrupt if the file is shorter.
std::unique_ptr<ByteSource> file_range(int fd, std::uint64_t offset, std::uint64_t size,
                                       std::string name);

enum class Compression { kNone, kGzip, kZstd, kBzip2, kXz };

/// By magic bytes, whatever a media type says (skopeo labels plain tars "gzip").
Compression sniff(std::string_view first_bytes);

/// The bounds of one decoding; others only in tests.
struct DecodeLimits {
  std::uint64_t bytes = limits::kMaxLayerBytes;
  std::uint64_t ratio = limits::kMaxCompressionRatio;
  /// Decoded bytes that no ratio is asked of: a small file of zeros is no bomb.
  std::uint64_t free_of_ratio = 64 << 20;
};

/// kLimit if `decoded` bytes out of `taken` are more than `bounds` allow.
Result<void> within(const DecodeLimits& bounds, std::uint64_t decoded, std::uint64_t taken);

/// The decoded bytes of `source` (taken): every member or frame to the end; as they are when not
/// compressed. One compression is undone, not one inside it (kUnsupported). kLimit past `bounds`;
/// kCorrupt when cut short, or followed by bytes that are no part of it.
Result<std::unique_ptr<ByteSource>> decode(std::unique_ptr<ByteSource> source,
                                           const DecodeLimits& bounds = {});

}  // namespace meridian::archive
