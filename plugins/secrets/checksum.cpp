// SPDX-License-Identifier: Apache-2.0
#include "checksum.hpp"

#include <array>
#include <cstddef>

#include "byte_set.hpp"

namespace meridian::secrets {

namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1u) ? 0xedb88320u : 0u);
    table[i] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kTable = make_table();

// BIP 173, section "Checksum".
constexpr std::array<std::uint32_t, 5> kBech32Generator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                           0x3d4233dd, 0x2a1462b3};
constexpr std::string_view kBech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

void feed_bech32(std::uint32_t& state, std::uint32_t value) {
  const std::uint32_t top = state >> 25;
  state = ((state & 0x1ffffffu) << 5) ^ value;
  for (std::size_t i = 0; i < kBech32Generator.size(); ++i) {
    if ((top >> i) & 1u) state ^= kBech32Generator[i];
  }
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t value = 0xffffffffu;
  for (const char byte : bytes) {
    value = kTable[(value ^ static_cast<unsigned char>(byte)) & 0xffu] ^ (value >> 8);
  }
  return value ^ 0xffffffffu;
}

std::string in_base(std::uint32_t number, unsigned base, std::size_t width) {
  constexpr std::string_view kUpperFirst =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view kLower = "0123456789abcdefghijklmnopqrstuvwxyz";
  const std::string_view digits = base <= kLower.size() ? kLower : kUpperFirst;
  std::string text;
  for (; number != 0; number /= base) text.insert(text.begin(), digits[number % base]);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

bool has_crc32_base62(std::string_view token) {
  constexpr std::size_t kDigits = 6;
  const std::string_view body = token.substr(token.rfind('_') + 1);
  if (body.size() <= kDigits) return false;
  const std::string_view random = body.substr(0, body.size() - kDigits);
  return in_base(crc32(random), 62, kDigits) == body.substr(random.size());
}

bool has_gitlab_crc32(std::string_view token) {
  constexpr std::size_t kDigits = 7;
  if (token.size() <= kDigits) return false;
  const std::string_view checked = token.substr(0, token.size() - kDigits);
  return in_base(crc32(checked), 36, kDigits) == token.substr(checked.size());
}

bool has_crc32_hex(std::string_view token) {
  constexpr std::size_t kDigits = 8;
  if (token.size() < kDigits + 2 || token[token.size() - kDigits - 1] != '_') return false;
  const std::uint32_t value = crc32(token.substr(0, token.size() - kDigits - 1));
  std::string expected;
  for (int byte = 0; byte < 4; ++byte) {
    constexpr std::string_view kHex = "0123456789abcdef";
    expected += kHex[(value >> (8 * byte + 4)) & 15u];
    expected += kHex[(value >> (8 * byte)) & 15u];
  }
  return lower(token.substr(token.size() - kDigits)) == expected;
}

bool is_bech32(std::string_view text, std::string_view human_readable_part) {
  const std::string all = lower(text);
  for (const char letter : text) {
    // BIP 173: "Decoders MUST NOT accept strings where some characters are uppercase and some are
    // lowercase". Ours are printed in upper case.
    if (letter >= 'a' && letter <= 'z') return false;
  }
  const std::string part = lower(human_readable_part);
  if (all.size() < part.size() + 7 || all.compare(0, part.size(), part) != 0 ||
      all[part.size()] != '1') {
    return false;
  }
  std::uint32_t state = 1;
  for (const char letter : part) feed_bech32(state, static_cast<unsigned char>(letter) >> 5);
  feed_bech32(state, 0);
  for (const char letter : part) feed_bech32(state, static_cast<unsigned char>(letter) & 31u);
  for (const char letter : std::string_view(all).substr(part.size() + 1)) {
    const std::size_t value = kBech32Letters.find(letter);
    if (value == std::string_view::npos) return false;
    feed_bech32(state, static_cast<std::uint32_t>(value));
  }
  return state == 1;
}

}  // namespace meridian::secrets
