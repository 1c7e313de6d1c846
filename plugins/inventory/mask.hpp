// SPDX-License-Identifier: Apache-2.0
//
// mask.hpp: command lines and labels without what they give away.
//
// A fact is read by people and kept in reports. Plugin `secrets` finds secrets and the host redacts
// those; this hides by name alone, so it hides too much rather than too little.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace meridian::inventory {

constexpr std::string_view kMasked = "[redacted]";

/// A name that promises a secret: "DB_PASSWORD", "--api-token", "com.example.key".
bool promises_secret(std::string_view name);

/// "NAME=value", "NAME: value" and "--name value" whose name promises a secret keep the name; of
/// "https://user:word@host" both go. Everything else stays as it is.
std::vector<std::string> masked_words(const std::vector<std::string>& words);

/// One text: the same for each word in it.
std::string masked(std::string_view whole);

}  // namespace meridian::inventory
