// SPDX-License-Identifier: Apache-2.0
//
// member_index.hpp: where the members of an uncompressed tar lie in its file.
//
// Why not TarReader: an image archive (docker save, oci-archive) holds whole layers; with their
// ranges a layer is read in place, with no spool and in any order. Headers alone are read here.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "archive/tar_reader.hpp"
#include "meridian/result.hpp"

namespace meridian::archive {

struct Member {
  std::string path;  // bytes as stored: may be absolute, may hold "." or "..": RootfsPath::parse
  TarType type = TarType::kRegular;
  std::uint64_t offset = 0;  // of its content in the file
  std::uint64_t size = 0;    // of its content; 0 unless kRegular
  std::string link;          // target of a symbolic or hard link, as stored
};

/// Every member of the tar that is the first `size` bytes of `fd` (borrowed), in order; names may
/// repeat (the last wins). Each range lies inside the file and none overlap. `name` stands for the
/// file in errors. kCorrupt: no tar (compressed ones too), or cut short; kUnsupported: a sparse
/// member, whose bytes are no range; kLimit past limits::kMaxMembers, kMaxMemberNames or
/// kMaxTarHeader. `progress` rises with each header.
Result<std::vector<Member>> index_members(int fd, std::uint64_t size, std::string_view name,
                                          std::atomic<std::uint64_t>* progress = nullptr);

}  // namespace meridian::archive
