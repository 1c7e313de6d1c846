// SPDX-License-Identifier: Apache-2.0
//
// byte_count.hpp: numbers of bytes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meridian::base {

/// "5", "5k", "5M", "5G": powers of 1024. Nothing: it is none of these, or too large.
std::optional<std::uint64_t> parse_byte_count(std::string_view text);

}  // namespace meridian::base
