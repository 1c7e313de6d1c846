// SPDX-License-Identifier: Apache-2.0
//
// members.hpp: the members of a gzip, zip or tar file, one after the other, in pieces.
//
// libarchive reads; nothing is written, and no more is held than one block.
#pragma once

#include <cstdint>
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

class MemoryReader final : public ByteReader {
 public:
  explicit MemoryReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::string> read(std::uint64_t offset, std::uint64_t size) override;

 private:
  std::string_view bytes_;
};

/// Is told of members in order; each begin() has its end().
class MemberSink {
 public:
  virtual ~MemberSink() = default;
  /// An empty name: the one stream of a gzip file that is no archive.
  virtual void begin(std::string_view name) = 0;
  virtual void add(std::string_view bytes) = 0;
  virtual void end() = 0;
  /// The member, or the rest of it, could not be read.
  virtual void damaged(std::string_view name, const Error& why) = 0;
};

enum class Packing { kNone, kGzip, kZip, kTar };

/// By the first bytes; a tar file is known by bytes 257 to 261.
Packing packing_of(std::string_view head);

/// kCorrupt: what libarchive says; kLimit: more than `budget` bytes are inside, which it counts
/// down; errors of `source`. What came before stays told.
Result<void> read_members(ByteReader& source, Packing packing, std::uint64_t& budget,
                          MemberSink& sink);

}  // namespace meridian::secrets
