// SPDX-License-Identifier: Apache-2.0
//
// os_release.hpp: os-release(5), the file in which a distribution says what it is.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace meridian::inventory {

/// Of its variables those that identify the system: ID, VERSION_ID, PRETTY_NAME, ...
using OsRelease = std::map<std::string, std::string>;

/// Lines that are no assignment are skipped, as the shell's reader would fail on them; a variable
/// that is set twice has the later value. At most kMaxLines are read.
OsRelease parse_os_release(std::string_view text);

constexpr std::size_t kMaxLines = 1000;

}  // namespace meridian::inventory
