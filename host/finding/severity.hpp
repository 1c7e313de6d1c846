// SPDX-License-Identifier: Apache-2.0
//
// severity.hpp: how bad, how sure.
#pragma once

#include <optional>
#include <string_view>

namespace meridian::finding {

/// In order: a later one is worse. kUnknown is below all.
enum class Severity { kUnknown, kInfo, kLow, kMedium, kHigh, kCritical };
enum class Confidence { kLow, kMedium, kHigh };

const char* to_text(Severity severity);  // "critical", ...
const char* to_text(Confidence confidence);
std::optional<Severity> parse_severity(std::string_view text);

}  // namespace meridian::finding
