// SPDX-License-Identifier: Apache-2.0
//
// encoding.hpp: numbers, times and messages as containerd stores them in its databases (Go's
// encoding/binary, time.MarshalBinary, protobuf). Any bytes; what is returned is lent by them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::store::containerd {

/// binary.PutUvarint, all of `bytes`; nullopt if it is none, or has more than 64 bits.
std::optional<std::uint64_t> parse_uvarint(std::string_view bytes);
/// binary.PutVarint, which alternates the signs: 0, -1, 1, -2, ...
std::optional<std::int64_t> parse_varint(std::string_view bytes);

/// time.Time.MarshalBinary as RFC 3339 in UTC, to the second: "2026-11-21T20:23:14Z"; empty: none,
/// or one outside the years 1 to 9999.
std::string parse_time(std::string_view bytes);

/// The value of a field of text, bytes or a message; the last one counts. nullopt: it is not there.
/// kCorrupt if `message` is no protobuf message.
Result<std::optional<std::string_view>> message_field(std::string_view message,
                                                      std::uint32_t number);

/// google.protobuf.Any.
struct Any {
  std::string_view type;  // its type_url: "containerd.runc.v1.Options"
  std::string_view value;
};
/// Empty bytes are one that is empty.
Result<Any> parse_any(std::string_view bytes);

}  // namespace meridian::store::containerd
