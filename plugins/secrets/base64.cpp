// SPDX-License-Identifier: Apache-2.0
#include "base64.hpp"

#include <cstdint>

namespace meridian::secrets {

namespace {

int base64_value(char letter) {
  if (letter >= 'A' && letter <= 'Z') return letter - 'A';
  if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
  if (letter >= '0' && letter <= '9') return letter - '0' + 52;
  if (letter == '+' || letter == '-') return 62;
  if (letter == '/' || letter == '_') return 63;
  return -1;
}

int base32_value(char letter) {
  if (letter >= 'A' && letter <= 'Z') return letter - 'A';
  if (letter >= '2' && letter <= '7') return letter - '2' + 26;
  return -1;
}

std::optional<std::string> decode(std::string_view text, int bits, int (*value_of)(char)) {
  std::string bytes;
  bytes.reserve(text.size());
  std::uint32_t pending = 0;
  int have = 0;
  for (const char letter : text) {
    const int value = value_of(letter);
    if (value < 0) return std::nullopt;
    pending = (pending << bits) | static_cast<std::uint32_t>(value);
    have += bits;
    if (have >= 8) {
      have -= 8;
      bytes.push_back(static_cast<char>((pending >> have) & 0xffu));
      pending &= (1u << have) - 1u;
    }
  }
  return bytes;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  std::size_t padding = 0;
  while (!text.empty() && text.back() == '=' && padding < 2) {
    text.remove_suffix(1);
    ++padding;
  }
  // RFC 4648, section 4: a group of one letter says nothing; padding, if any, fills the group.
  if (text.size() % 4 == 1 || (padding != 0 && (text.size() + padding) % 4 != 0)) {
    return std::nullopt;
  }
  return decode(text, 6, &base64_value);
}

std::optional<std::string> decode_base64_prefix(std::string_view text) {
  return decode(text.substr(0, text.size() - text.size() % 4), 6, &base64_value);
}

std::optional<std::string> decode_base32(std::string_view text) {
  return decode(text, 5, &base32_value);
}

}  // namespace meridian::secrets
