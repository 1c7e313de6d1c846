// SPDX-License-Identifier: Apache-2.0
//
// record.hpp: a growing record of the C tables, as its maker knew it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace meridian::plugin {

/// Copy of `lent`, zero past its struct_size: fields appended later are absent in older plugins.
/// Only whole pointer-sized fields count, so that no half of one is taken.
template <typename T>
T copy_record(const T& lent) {
  static_assert(std::is_trivially_copyable_v<T> && offsetof(T, struct_size) == 0);
  T copy{};
  const std::size_t known = std::min<std::size_t>(lent.struct_size, sizeof(T));
  std::memcpy(&copy, &lent, known / sizeof(void*) * sizeof(void*));
  copy.struct_size = lent.struct_size;
  return copy;
}

}  // namespace meridian::plugin
