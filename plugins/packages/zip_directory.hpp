// SPDX-License-Identifier: Apache-2.0
//
// zip_directory.hpp: the central directory of a zip file, and one member's bytes.
//
// Format: PKWARE's APPNOTE.TXT, 4.3. Stored and deflated members, also of zip64; bytes in front of
// the archive (a jar that starts itself) are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "byte_source.hpp"

namespace meridian::packages {

class ZipDirectory {
 public:
  struct Member {
    std::string name;
    std::uint64_t packed = 0, size = 0;  // bytes
    std::uint64_t offset = 0;            // of its local header
    std::uint16_t method = 0;
    bool encrypted = false;
  };

  /// kCorrupt: no zip file; kLimit: its directory has more than kMaxDirectory bytes. `source`
  /// outlives it.
  static Result<ZipDirectory> read(const ByteSource& source);

  const std::vector<Member>& members() const { return members_; }
  /// kLimit above `limit` bytes, kUnsupported: encrypted, or packed by another method.
  Result<std::string> content(const Member& member, std::uint64_t limit) const;

 private:
  explicit ZipDirectory(const ByteSource& source) : source_(source) {}
  const ByteSource& source_;
  std::uint64_t start_ = 0;  // where the archive begins
  std::vector<Member> members_;
};

constexpr std::uint64_t kMaxDirectory = 32 << 20;  // 200,000 classes

}  // namespace meridian::packages
