// SPDX-License-Identifier: Apache-2.0
//
// policy.hpp: whose file a plugin may be, and the bounded reading of its parts.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::plugin {

/// kRefused, with the command that mends it, if somebody other than root and this process' user
/// owns it or group or others may write to it.
Result<void> check_owner(const struct stat& status, const std::string& path);

/// A regular file below an open folder, read whole.
struct Part {
  struct stat status {};
  std::string bytes;
};
/// kNotFound; kRefused for a link, FIFO, device or folder, which is not opened; kLimit.
Result<Part> read_part(int folder, const std::string& name, const std::string& path,
                       std::uint64_t limit);
/// A folder below an open folder; kRefused for a link or file. `status` gets its stat.
Result<base::UniqueFd> open_folder(int folder, const std::string& name, const std::string& path,
                                   struct stat& status);

/// "a FIFO", "a symbolic link", ...
const char* type_name(const struct stat& status);

}  // namespace meridian::plugin
