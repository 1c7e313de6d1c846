// SPDX-License-Identifier: Apache-2.0
//
// members.hpp: the members of a gzip, zip or tar file, one after the other, in pieces.
//
// ISA-L unpacks gzip and zip; libarchive reads tar and the zips that zip.hpp does not. Nothing is
// written, and no more is held than one block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <meridian/result.hpp>

#include "inflate.hpp"

namespace meridian::secrets {

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

inline constexpr std::size_t kMaxMembers = 500'000;  // the largest jars have a tenth

/// kLimit: less than `size` is left of the budget.
Result<void> spend(std::size_t size, std::uint64_t& budget);

/// kCorrupt: what libarchive or the inflater says; kLimit: more than `budget` bytes are inside,
/// which it counts down; errors of `source`. What came before stays told.
Result<void> read_members(ByteReader& source, Packing packing, std::uint64_t& budget,
                          MemberSink& sink);

}  // namespace meridian::secrets
