// SPDX-License-Identifier: Apache-2.0
//
// bcrypt_pbkdf.hpp: the key derivation of OpenSSH's private keys, which no library of Debian's
// exports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace meridian::weak_password {

/// bcrypt_pbkdf(3) of OpenBSD: `size` bytes of key. `rounds` and `size` at least 1.
std::string bcrypt_pbkdf(std::string_view word, std::string_view salt, std::uint32_t rounds,
                         std::size_t size);

constexpr double kBcryptHash = 4500;  // microseconds of one round for 32 bytes, about

}  // namespace meridian::weak_password
