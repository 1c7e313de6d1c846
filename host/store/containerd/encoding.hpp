// SPDX-License-Identifier: Apache-2.0
//
// encoding.hpp: numbers as containerd stores them in its databases (Go's encoding/binary).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meridian::store::containerd {

/// binary.PutUvarint, all of `bytes`; nullopt if it is none, or has more than 64 bits.
std::optional<std::uint64_t> parse_uvarint(std::string_view bytes);
/// binary.PutVarint, which alternates the signs: 0, -1, 1, -2, ...
std::optional<std::int64_t> parse_varint(std::string_view bytes);

}  // namespace meridian::store::containerd
