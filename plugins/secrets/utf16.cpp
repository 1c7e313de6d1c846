// SPDX-License-Identifier: Apache-2.0
#include "utf16.hpp"

namespace meridian::secrets {

namespace {

void put_utf8(char32_t point, std::string& text) {
  const auto put = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

}  // namespace

std::optional<Utf16Decoder> Utf16Decoder::of(std::string_view head) {
  if (head.substr(0, 2) == "\xfe\xff") return Utf16Decoder(false);
  if (head.substr(0, 2) != "\xff\xfe") return std::nullopt;
  if (head.substr(2, 2) == std::string_view("\0\0", 2)) return std::nullopt;
  return Utf16Decoder(true);
}

std::string Utf16Decoder::decode(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() / 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    if (!half_) {
      half_ = value;
      continue;
    }
    const char32_t first = *half_, second = value;
    const char32_t unit = little_ ? first | second << 8 : first << 8 | second;
    half_.reset();
    put(unit, text);
  }
  return text;
}

void Utf16Decoder::put(char32_t unit, std::string& text) {
  constexpr char32_t kNoCharacter = 0xfffd, kMark = 0xfeff;
  const bool is_low = unit >= 0xdc00 && unit < 0xe000;
  if (high_ != 0) {
    put_utf8(is_low ? 0x10000 + ((high_ - 0xd800) << 10) + (unit - 0xdc00) : kNoCharacter, text);
    high_ = 0;
    if (is_low) return;
  }
  if (unit >= 0xd800 && unit < 0xdc00) {
    high_ = unit;
  } else if (begun_ || unit != kMark) {
    put_utf8(is_low ? kNoCharacter : unit, text);
  }
  begun_ = true;
}

}  // namespace meridian::secrets
