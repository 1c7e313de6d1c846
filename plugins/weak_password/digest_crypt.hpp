// SPDX-License-Identifier: Apache-2.0
//
// digest_crypt.hpp: password hashes that libxcrypt does not have, over libcrypto's digests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::weak_password {

/// Raw; empty if libcrypto does not have `algorithm`.
std::string digest(const std::string& algorithm, std::string_view bytes);
std::string from_base64(std::string_view text);  // padded or not; empty: it is none
std::optional<std::string> from_hex(std::string_view text);

/// Apache's variant of MD5 crypt: the 22 characters behind "$apr1$SALT$".
std::string apache_md5(std::string_view word, std::string_view salt);
/// SHA-256 crypt (Drepper, 2007) with a salt of any bytes and length: the 43 characters. MySQL's
/// caching_sha2_password has 20 bytes of salt, crypt(3) takes 16.
std::string sha256_crypt(std::string_view word, std::string_view salt, std::uint32_t rounds);
/// StoredKey of RFC 5802.
std::string scram_key(const std::string& algorithm, std::string_view word, std::string_view salt,
                      std::uint32_t rounds);

}  // namespace meridian::weak_password
