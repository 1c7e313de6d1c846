// SPDX-License-Identifier: Apache-2.0
//
// byte_set.hpp: the named sets of bytes that rule files speak of.
//
// Why named: a rule is data; a name can be checked when it is loaded, a hand-written class cannot.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::secrets {

class ByteSet {
 public:
  /// "none", "word", "alnum", "digit", "hex", "base64", "base64url", "token", "text", "line",
  /// "any"; empty for another name. What each holds stands in the README.
  static std::optional<ByteSet> named(std::string_view name);

  bool has(char byte) const { return bytes_[static_cast<unsigned char>(byte)]; }
  /// How many bytes at the start of `text` belong to the set.
  std::size_t span(std::string_view text) const;
  /// True if every byte belongs to the set; true for an empty text.
  bool covers(std::string_view text) const { return span(text) == text.size(); }

  friend bool operator==(const ByteSet&, const ByteSet&) = default;

 private:
  ByteSet& add(std::string_view bytes);
  ByteSet& add_range(unsigned first, unsigned last);
  ByteSet& remove(std::string_view bytes);

  std::array<bool, 256> bytes_{};
};

/// Lower case of A-Z, every other byte as it is; never the locale's.
std::string lower(std::string_view text);

}  // namespace meridian::secrets
