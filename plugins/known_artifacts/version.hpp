// SPDX-License-Identifier: Apache-2.0
//
// version.hpp: an order for the versions that programs print about themselves.
//
// Of one project each, so no ecosystem's rules: parts of digits are compared as numbers of any
// length, parts of letters by their text; "alpha", "beta", "dev", "m", "pre", "rc" come before
// nothing, every other word after it (OpenSSL's 1.0.1g). Dates with leading zeros order alike.
#pragma once

#include <string_view>

namespace meridian::known_artifacts {

/// Negative: `a` is older; 0: they are equal.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace meridian::known_artifacts
