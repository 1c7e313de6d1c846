// SPDX-License-Identifier: Apache-2.0
//
// hmac.hpp: HMAC-SHA256 (RFC 2104).
#pragma once

#include <string_view>

#include "base/sha256.hpp"

namespace meridian::base {

/// `key` has at most 64 bytes, one block.
Sha256Bytes hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace meridian::base
