// SPDX-License-Identifier: Apache-2.0
//
// split_pieces.hpp: the lines of a tar-split record (split_tar.hpp) one by one: bytes of the tar,
// and files whose bytes lie elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "archive/byte_source.hpp"

namespace meridian::archive {

/// One line: the headers of one entry, or the padding behind the last, in base64.
inline constexpr std::size_t kMaxTarSplitLine = 16 << 20;

struct SplitPiece {
  bool is_file = false;
  std::string bytes;       // of the tar; of a file its name, as stored
  std::uint64_t size = 0;  // of a file
  std::string checksum;    // of a file: 8 bytes, CRC-64 (ISO); empty: none
};

class SplitPieces {
 public:
  /// `record` gives the decoded lines.
  explicit SplitPieces(std::unique_ptr<ByteSource> record);
  SplitPieces(const SplitPieces&) = delete;
  SplitPieces& operator=(const SplitPieces&) = delete;
  ~SplitPieces();
  /// nullopt at the end. kCorrupt; kLimit past limits::kMaxLayerBytes of the tar, or
  /// kMaxTarSplitLine.
  Result<std::optional<SplitPiece>> next();

 private:
  class Lines;
  Result<void> count(std::uint64_t bytes);

  std::unique_ptr<Lines> lines_;
  std::uint64_t total_ = 0;
};

/// CRC-64 (ISO 3309) of what is given after `before`; 0: nothing. As Go's hash/crc64 has it.
std::uint64_t crc64(std::uint64_t before, std::string_view bytes);

}  // namespace meridian::archive
