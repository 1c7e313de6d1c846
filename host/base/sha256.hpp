// SPDX-License-Identifier: Apache-2.0
//
// sha256.hpp: SHA-256 (FIPS 180-4), by libcrypto: five times libsodium's speed here (lab.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace meridian::base {

using Sha256Bytes = std::array<std::uint8_t, 32>;

/// One running hash; ended by finish().
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::string_view bytes);
  Sha256Bytes finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256Bytes sha256(std::string_view bytes);
/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
std::string to_hex(const Sha256Bytes& digest);

}  // namespace meridian::base
