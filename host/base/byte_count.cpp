// SPDX-License-Identifier: Apache-2.0
#include "base/byte_count.hpp"

#include <charconv>
#include <limits>

namespace meridian::base {

std::optional<std::uint64_t> parse_byte_count(std::string_view text) {
  constexpr std::string_view kUnits = "kMG";
  const std::size_t unit = text.empty() ? kUnits.npos : kUnits.find(text.back());
  unsigned shift = 0;
  if (unit != kUnits.npos) {
    shift = 10 * (static_cast<unsigned>(unit) + 1);
    text.remove_suffix(1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  if (value > std::numeric_limits<std::uint64_t>::max() >> shift) return std::nullopt;
  return value << shift;
}

}  // namespace meridian::base
