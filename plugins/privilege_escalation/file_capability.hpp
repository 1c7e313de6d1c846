// SPDX-License-Identifier: Apache-2.0
//
// file_capability.hpp: the extended attribute security.capability (linux/capability.h,
// struct vfs_cap_data and vfs_ns_cap_data; capabilities(7), "File capability versioning").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

namespace meridian::privilege_escalation {

struct FileCapability {
  std::uint64_t permitted = 0;  // bit n: capability n
  std::uint64_t inheritable = 0;
  bool effective = false;     // raised at execve; else the program raises it itself
  unsigned version = 0;       // 1, 2 or 3
  std::uint32_t root_id = 0;  // version 3: user that is root of the namespace where it counts
};

/// kCorrupt if the size does not fit the version, or the version is not known; execve refuses such
/// a file.
Result<FileCapability> parse_file_capability(std::string_view value);

/// "cap_setuid"; "cap_63" for a number that has no name.
std::string capability_name(unsigned number);
/// As getcap(8): "cap_chown,cap_setuid=ep".
std::string capability_text(const FileCapability& capability);

/// Those of `permitted` with which a program can become root, or change what root uses.
std::vector<unsigned> root_capabilities(std::uint64_t permitted);

}  // namespace meridian::privilege_escalation
