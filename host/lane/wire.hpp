// SPDX-License-Identifier: Apache-2.0
//
// wire.hpp: values as bytes and back, for the frames and memory files between the host, its lanes
// and workers. Both ends are this build, so there is no version; but a worker may be hostile.
//
// A struct is described once, for both directions, by a function beside it or in its namespace:
//   template <typename Archive>
//   void fields(Archive& archive, Of<Archive, Thing>& value) { archive(value.a, value.b); }
// and an enum by its last enumerator: template <> inline constexpr auto kLargest<E> = E::kLast;
// One value has one encoding: what decodes, encodes to the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "lane/wire_reader.hpp"
#include "lane/wire_writer.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

template <typename T>
std::string encode(const T& value) {
  std::string bytes;
  Writer writer(bytes);
  writer(value);
  return bytes;
}

/// kCorrupt with the place and what was wrong there; bytes left over are wrong too.
template <typename T>
Result<T> decode(std::string_view bytes) {
  Reader reader(bytes);
  T value{};
  reader(value);
  if (reader.left() != 0) reader.fail(std::to_string(reader.left()) + " bytes left over");
  if (!reader.good()) return Error(ErrorCode::kCorrupt, reader.error());
  return value;
}

}  // namespace meridian::lane
