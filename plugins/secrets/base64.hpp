// SPDX-License-Identifier: Apache-2.0
//
// base64.hpp: base64 and base32 (RFC 4648) as issuers print them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace meridian::secrets {

/// Bytes of a base64 text in either alphabet ('+' '/' or '-' '_'), padded or not. Empty optional if
/// a letter is foreign, padding stands elsewhere than at the end, or the length cannot be.
std::optional<std::string> decode_base64(std::string_view text);

/// The same for a text that was cut off somewhere: what the whole groups of four say.
std::optional<std::string> decode_base64_prefix(std::string_view text);

/// Bytes of a base32 text (A-Z2-7, no padding); left-over bits are dropped.
std::optional<std::string> decode_base32(std::string_view text);

}  // namespace meridian::secrets
