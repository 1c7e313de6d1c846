// SPDX-License-Identifier: Apache-2.0
//
// sealed_file.hpp: bytes in memory that nobody can change any more (memfd_create(2), fcntl(2),
// "File Sealing"): what was checked is what is used, and what another process gave stays as it was.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::base {

/// `name` shows in /proc/PID/maps and is cut there at 249 bytes.
Result<UniqueFd> sealed_memfd(const std::string& name, std::string_view bytes);

/// All bytes of a file that another process sealed. kRefused unless it is regular and sealed
/// against writing, growing, shrinking and unsealing; kLimit with more than `limit` bytes.
Result<std::string> read_sealed(int fd, std::uint64_t limit, std::string_view what);

}  // namespace meridian::base
