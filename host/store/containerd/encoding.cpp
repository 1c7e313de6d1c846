// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/encoding.hpp"

namespace meridian::store::containerd {

std::optional<std::uint64_t> parse_uvarint(std::string_view bytes) {
  constexpr std::size_t kLongest = 10;  // of 7 bits, the last of one
  if (bytes.empty() || bytes.size() > kLongest) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool more = (byte & 0x80) != 0;
    if (more != (i + 1 < bytes.size())) return std::nullopt;
    if (i + 1 == kLongest && byte > 1) return std::nullopt;
    value |= std::uint64_t{byte & 0x7Fu} << (7 * i);
  }
  return value;
}

std::optional<std::int64_t> parse_varint(std::string_view bytes) {
  const auto value = parse_uvarint(bytes);
  if (!value) return std::nullopt;
  const auto half = static_cast<std::int64_t>(*value >> 1);
  return (*value & 1) != 0 ? -half - 1 : half;
}

}  // namespace meridian::store::containerd
