// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/encoding.hpp"

#include <chrono>

#include "base/utc_time.hpp"

namespace meridian::store::containerd {
namespace {

constexpr std::size_t kLongestNumber = 10;  // of 7 bits, the last of one

/// Takes a number from the front; nullopt leaves `bytes` as they were.
std::optional<std::uint64_t> take_uvarint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < kLongestNumber; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (i + 1 == kLongestNumber && byte > 1) return std::nullopt;
    value |= std::uint64_t{byte & 0x7Fu} << (7 * i);
    if ((byte & 0x80) != 0) continue;
    bytes.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

/// Most significant byte first.
std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// Of a field's tag (protobuf.dev, "Encoding").
enum WireType : std::uint64_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

Error no_message(std::string_view why) {
  return {ErrorCode::kCorrupt, "is no protobuf message: " + std::string(why)};
}

/// Takes a field's value from the front; nullopt: one of another type than text.
Result<std::optional<std::string_view>> take_value(std::uint64_t type, std::string_view& message) {
  std::uint64_t size = 0;
  switch (type) {
    case kVarint:
      if (!take_uvarint(message)) return no_message("a number without end");
      return std::nullopt;
    case kFixed64:
      size = 8;
      break;
    case kFixed32:
      size = 4;
      break;
    case kLength: {
      const auto length = take_uvarint(message);
      if (!length) return no_message("a length without end");
      size = *length;
      break;
    }
    default:
      return no_message("a field of type " + std::to_string(type));
  }
  if (size > message.size()) return no_message("a field is longer than what is left");
  const std::string_view value = message.substr(0, size);
  message.remove_prefix(size);
  return type == kLength ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_uvarint(std::string_view bytes) {
  const auto value = take_uvarint(bytes);
  return bytes.empty() ? value : std::nullopt;
}

std::optional<std::int64_t> parse_varint(std::string_view bytes) {
  const auto value = parse_uvarint(bytes);
  if (!value) return std::nullopt;
  const auto half = static_cast<std::int64_t>(*value >> 1);
  return (*value & 1) != 0 ? -half - 1 : half;
}

std::string parse_time(std::string_view bytes) {
  // A version, seconds since year 1, nanoseconds, the zone's offset, which changes nothing in UTC.
  constexpr std::uint64_t kYear1970 = 62'135'596'800;
  constexpr std::uint64_t kYear10000 = 315'537'897'600;
  const bool known = (bytes.size() == 15 && bytes[0] == 1) || (bytes.size() == 16 && bytes[0] == 2);
  if (!known) return {};
  const std::uint64_t seconds = big_endian(bytes.substr(1, 8));
  if (seconds == 0 || seconds >= kYear10000) return {};
  const auto since = static_cast<std::int64_t>(seconds) - static_cast<std::int64_t>(kYear1970);
  return base::to_text(base::UtcTime(std::chrono::seconds(since)));
}

Result<std::optional<std::string_view>> message_field(std::string_view message,
                                                      std::uint32_t number) {
  std::optional<std::string_view> found;
  while (!message.empty()) {
    const auto tag = take_uvarint(message);
    if (!tag) return no_message("a tag without end");
    MERIDIAN_TRY(const auto value, take_value(*tag & 7, message));
    if (*tag >> 3 == number && value) found = value;
  }
  return found;
}

Result<Any> parse_any(std::string_view bytes) {
  MERIDIAN_TRY(const auto type, message_field(bytes, 1));
  MERIDIAN_TRY(const auto value, message_field(bytes, 2));
  return Any{type.value_or(std::string_view()), value.value_or(std::string_view())};
}

}  // namespace meridian::store::containerd
