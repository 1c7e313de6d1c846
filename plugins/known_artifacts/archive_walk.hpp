// SPDX-License-Identifier: Apache-2.0
//
// archive_walk.hpp: what rules say of a Java archive and of those within it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <meridian/file.hpp>

#include "member_groups.hpp"

namespace meridian::known_artifacts {

struct ArchiveHit {
  std::string inside;  // "BOOT-INF/lib/x.jar:"; empty: the file itself
  GroupHit hit;
};
struct ArchiveLook {
  std::vector<ArchiveHit> hits;
  std::vector<Error> problems;  // each names the member; the rest was looked at
};

/// Of a zip file of any name. Members that no rule asks for are not unpacked.
ArchiveLook look_into_archive(const File& file, const MemberIndex& index,
                              const std::vector<ArtifactRule>& rules);
/// The same of bytes.
ArchiveLook look_into_archive(const std::string& bytes, const MemberIndex& index,
                              const std::vector<ArtifactRule>& rules);

constexpr std::size_t kMaxNesting = 4;              // archives within archives
constexpr std::uint64_t kMaxNested = 64 << 20;      // bytes of one that is nested
constexpr std::uint64_t kMaxMember = 4 << 20;       // bytes of a member; classes have 64 KiB
constexpr std::uint64_t kMaxUnpacked = 1024 << 20;  // bytes in all, of one file
constexpr std::size_t kMaxMembers = 1'000'000;      // of one file, with those within
constexpr std::size_t kMaxProblems = 20;            // told of one file

}  // namespace meridian::known_artifacts
