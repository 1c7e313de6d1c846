// SPDX-License-Identifier: Apache-2.0
//
// sniff.hpp: which feed a file is of, by its content.
#pragma once

#include <optional>
#include <string_view>

namespace meridian::data {

/// kArchive: look at its members.
enum class Kind { kOsv, kDebian, kAlpine, kGrype, kOpenVex, kArchive };

const char* to_text(Kind kind);  // "osv", "debian", "alpine", "grype", "openvex", "archive"
std::optional<Kind> parse_kind(std::string_view text);

/// Of the first bytes, and for JSON of all that it takes to be sure; nothing: none of them.
std::optional<Kind> sniff(std::string_view bytes);

}  // namespace meridian::data
