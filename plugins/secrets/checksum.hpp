// SPDX-License-Identifier: Apache-2.0
//
// checksum.hpp: the checksums that issuers put into their tokens. Sources: README, "Confirmations".
//
// Pure functions of the text; never fail otherwise than by answering false.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace meridian::secrets {

/// CRC-32 of ISO-HDLC: the one of zlib and PNG.
std::uint32_t crc32(std::string_view bytes);

/// `number` in `base` (at most 62, digits 0-9A-Za-z; for 36: 0-9a-z), zeros in front up to `width`.
std::string in_base(std::uint32_t number, unsigned base, std::size_t width);

/// GitHub, npm: six base-62 digits of the CRC-32 of what stands between the last '_' and them.
bool has_crc32_base62(std::string_view token);

/// GitLab, routable: seven base-36 digits of the CRC-32 of all that stands before them.
bool has_gitlab_crc32(std::string_view token);

/// Grafana: '_' and eight hexadecimal digits of the CRC-32, low byte first, of all before the '_'.
bool has_crc32_hex(std::string_view token);

/// BIP 173: human-readable part, '1', data, six checksum characters; one case throughout.
bool is_bech32(std::string_view text, std::string_view human_readable_part);

}  // namespace meridian::secrets
