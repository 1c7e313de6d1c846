// SPDX-License-Identifier: Apache-2.0
#include "base/escape.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace meridian::base {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Decoded {
  char32_t code = 0;
  std::size_t length = 0;  // 0: the first byte begins no character
};

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

// RFC 3629: the shortest form only, no surrogates, nothing above U+10FFFF.
Decoded decode_one(std::string_view bytes) {
  const std::uint8_t first = byte_at(bytes, 0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4u : first >= 0xe0 ? 3u : 2u;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return {};
  char32_t code = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(bytes, i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte_at(bytes, i) & 0x3fu);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

struct Range {
  char32_t first, last;
};

// Unicode general category Cf and the separators Zl and Zp: reorder or vanish on a terminal, so
// that two different names look alike (CVE-2021-42574).
constexpr std::array<Range, 16> kInvisible = {{{0x80, 0x9f},
                                               {0xad, 0xad},
                                               {0x34f, 0x34f},
                                               {0x600, 0x605},
                                               {0x61c, 0x61c},
                                               {0x6dd, 0x6dd},
                                               {0x70f, 0x70f},
                                               {0x115f, 0x1160},
                                               {0x17b4, 0x17b5},
                                               {0x180e, 0x180e},
                                               {0x200b, 0x200f},
                                               {0x2028, 0x202e},
                                               {0x2060, 0x206f},
                                               {0x3164, 0x3164},
                                               {0xfeff, 0xfeff},
                                               {0xfff9, 0xfffb}}};

bool is_invisible(char32_t code) {
  if (code >= 0xe0000 && code <= 0xe0fff) return true;  // tags
  const auto* const after =
      std::upper_bound(kInvisible.begin(), kInvisible.end(), code,
                       [](char32_t wanted, Range range) { return wanted < range.first; });
  return after != kInvisible.begin() && code <= std::prev(after)->last;
}

/// Printable ASCII that stands for itself. Most text is nothing else, and it is copied in runs: an
/// error is made for each look-up that finds nothing, with the path in it.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x7f; ++byte) plain.at(byte) = byte != '\\';
  return plain;
}();

std::size_t plain_length(std::string_view bytes) {
  std::size_t length = 0;
  while (length < bytes.size() && kPlain[byte_at(bytes, length)]) ++length;
  return length;
}

void append_byte(std::string& out, std::uint8_t byte) {
  out += "\\x";
  out += kHexDigits[byte >> 4];
  out += kHexDigits[byte & 0xf];
}

void append_code(std::string& out, char32_t code) {
  std::string digits;
  for (; code != 0; code >>= 4) digits.insert(digits.begin(), kHexDigits[code & 0xf]);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  out += "\\u{" + digits + "}";
}

}  // namespace

std::string escape(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (;;) {
    const std::size_t plain = plain_length(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) return out;
    const Decoded c = decode_one(bytes);
    if (c.length == 0 || c.code < 0x20 || c.code == 0x7f) {
      append_byte(out, byte_at(bytes, 0));
    } else if (c.code == '\\') {
      out += "\\\\";
    } else if (is_invisible(c.code)) {
      append_code(out, c.code);
    } else {
      out += bytes.substr(0, c.length);
    }
    bytes.remove_prefix(std::max<std::size_t>(c.length, 1));
  }
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const Decoded c = decode_one(bytes);
    if (c.length == 0) return false;
    bytes.remove_prefix(c.length);
  }
  return true;
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < have ? byte_at(bytes, i + j) : 0u);
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= have ? kBase64Digits[group >> (18 - 6 * j) & 0x3f] : '=';
    }
  }
  return out;
}

std::string hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out += kHexDigits[byte_at(bytes, i) >> 4];
    out += kHexDigits[byte_at(bytes, i) & 0xf];
  }
  return out;
}

}  // namespace meridian::base
