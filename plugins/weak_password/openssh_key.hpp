// SPDX-License-Identifier: Apache-2.0
//
// openssh_key.hpp: a private key as ssh-keygen writes it (openssh/PROTOCOL.key).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <meridian/result.hpp>

namespace meridian::weak_password {

struct OpensshKey {
  std::string cipher, salt;
  std::uint32_t rounds = 0;
  std::string first_block;  // 16 bytes of what is enciphered
};

/// Nothing: it is under no passphrase. kCorrupt, kUnsupported: with the reason.
Result<std::optional<OpensshKey>> read_openssh_key(std::string_view pem);
/// Its first two numbers are equal then.
bool opens(const OpensshKey& key, const std::string& word);
double guess_cost(const OpensshKey& key);  // microseconds

}  // namespace meridian::weak_password
