// SPDX-License-Identifier: Apache-2.0
//
// state_folder.hpp: folders in which this program keeps something from one run to the next, and
// several of its processes meet.
#pragma once

#include <string>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::base {

/// Each folder of the path that is not there, for this user alone (0700). What goes wrong, opening
/// the last one says.
void make_folders(const std::string& path);

/// Alone, as long as the descriptor is open: a lock (flock(2)) on `file` in the folder `fd`, made
/// if it is not there; `path` is the folder's name in errors. kUnreadable if somebody else has it
/// for two seconds: under such a lock milliseconds are spent, and who holds it longer is stopped.
Result<UniqueFd> lock_in(int fd, const std::string& path, const char* file);

}  // namespace meridian::base
