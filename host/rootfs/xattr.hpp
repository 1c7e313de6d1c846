// SPDX-License-Identifier: Apache-2.0
//
// xattr.hpp: one extended attribute of a file that is not open for reading.
#pragma once

#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::rootfs {

/// Of `entry` in the directory `fd`, no link followed; of what `fd` names (O_PATH too) when `entry`
/// is "". kNotFound if it has none: which is also what the kernel says of "trusted." without
/// CAP_SYS_ADMIN, so who asks for that must know that it may. Needs /proc.
Result<std::string> read_xattr(int fd, std::string_view entry, const std::string& attribute,
                               std::string_view what);

}  // namespace meridian::rootfs
