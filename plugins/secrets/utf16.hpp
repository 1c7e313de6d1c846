// SPDX-License-Identifier: Apache-2.0
//
// utf16.hpp: UTF-16 text that begins with its byte order mark, in pieces, as UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace meridian::secrets {

class Utf16Decoder {
 public:
  /// Empty if `head` does not begin with a mark (FF FE or FE FF). UTF-32 begins with the first too;
  /// it is none.
  static std::optional<Utf16Decoder> of(std::string_view head);

  /// The mark is part of the bytes, and left out of the text. A surrogate without its other half
  /// becomes U+FFFD.
  std::string decode(std::string_view bytes);

 private:
  explicit Utf16Decoder(bool little) : little_(little) {}
  void put(char32_t unit, std::string& text);

  bool little_;
  std::optional<unsigned char> half_ = {};  // first byte of a unit
  char32_t high_ = 0;                       // first half of a pair; 0: none
  bool begun_ = false;
};

}  // namespace meridian::secrets
