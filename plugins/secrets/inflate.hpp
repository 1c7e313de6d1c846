// SPDX-License-Identifier: Apache-2.0
//
// inflate.hpp: deflate (RFC 1951) and gzip (RFC 1952) in pieces, by ISA-L: 7 % of a scan of four
// images where zlib took 15.
#pragma once

#include <isa-l/igzip_lib.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <meridian/result.hpp>

namespace meridian::secrets {

/// Where packed bytes come from.
class ByteReader {
 public:
  virtual ~ByteReader() = default;
  virtual std::uint64_t size() const = 0;
  /// `size` bytes from `offset`, fewer at the end.
  virtual Result<std::string> read(std::uint64_t offset, std::uint64_t size) = 0;
};

/// Parts of a source that is read nearly from front to back, without a read for each.
class Window {
 public:
  explicit Window(ByteReader& source) : source_(source) {}
  std::uint64_t size() const { return source_.size(); }
  /// What is at hand from `offset` on: `least` bytes or more, fewer only at the end. Valid until
  /// the next call.
  Result<std::string_view> at(std::uint64_t offset, std::uint64_t least);

 private:
  ByteReader& source_;
  std::string bytes_;
  std::uint64_t begin_ = 0;
};

class Inflater {
 public:
  explicit Inflater(Window& source);
  /// One deflate stream in [begin, end).
  void begin_raw(std::uint64_t begin, std::uint64_t end);
  /// All gzip members from the start of the source, their checksums compared. What follows them is
  /// passed over, as gzip(1) does with padding.
  void begin_gzip();
  /// The next piece, valid until the next call; empty: the end. kCorrupt: damaged, cut short.
  Result<std::string_view> next();

 private:
  Result<bool> next_member();
  Result<void> fill();

  Window& source_;
  std::unique_ptr<::inflate_state> state_;
  std::unique_ptr<unsigned char[]> out_;
  bool is_gzip_ = false;
  bool ended_ = true;               // the stream, or the gzip member
  std::uint64_t at_ = 0, end_ = 0;  // of the input that the state has not been given
  std::optional<Error> failed_ = {};
};

}  // namespace meridian::secrets
