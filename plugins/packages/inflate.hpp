// SPDX-License-Identifier: Apache-2.0
//
// inflate.hpp: deflated bytes (RFC 1951), as they are or in a zlib stream (RFC 1950).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <meridian/result.hpp>

namespace meridian::packages {

enum class Wrapping { kNone, kZlib };

/// kLimit if more than `limit` bytes come out, kCorrupt if the stream is damaged or cut off.
Result<std::string> inflate(std::string_view packed, std::uint64_t limit, Wrapping wrapping);

}  // namespace meridian::packages
