// SPDX-License-Identifier: Apache-2.0
#include "base/hmac.hpp"

#include <string>

namespace meridian::base {

namespace {

constexpr std::size_t kBlock = 64;

std::string padded(std::string_view key, unsigned char with) {
  std::string block(kBlock, static_cast<char>(with));
  for (std::size_t i = 0; i < key.size() && i < kBlock; ++i) {
    block[i] = static_cast<char>(static_cast<unsigned char>(key[i]) ^ with);
  }
  return block;
}

}  // namespace

Sha256Bytes hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 inner;
  inner.update(padded(key, 0x36));
  inner.update(bytes);
  const Sha256Bytes digest = inner.finish();
  Sha256 outer;
  outer.update(padded(key, 0x5c));
  outer.update({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return outer.finish();
}

}  // namespace meridian::base
