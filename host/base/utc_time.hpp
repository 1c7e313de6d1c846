// SPDX-License-Identifier: Apache-2.0
//
// utc_time.hpp: moments as reports and state files write them: RFC 3339, UTC, whole seconds.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace meridian::base {

using UtcTime = std::chrono::sys_seconds;

UtcTime utc_now();
std::string to_text(UtcTime time);  // "2026-11-22T13:41:07Z"
/// What to_text() writes, and nothing else.
std::optional<UtcTime> parse_utc_time(const std::string& text);

}  // namespace meridian::base
