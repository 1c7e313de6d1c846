// SPDX-License-Identifier: Apache-2.0
#include "store/source_index.hpp"

#include <charconv>
#include <string>

#include "base/escape.hpp"

namespace meridian::store {

std::optional<std::size_t> source_index(std::string_view wanted) {
  if (wanted.size() < 2 || wanted[0] != '@') return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] =
      std::from_chars(wanted.data() + 1, wanted.data() + wanted.size(), index);
  if (error != std::errc() || end != wanted.data() + wanted.size()) return std::nullopt;
  return index;
}

Error no_such_index(std::string_view place, std::size_t count, std::string_view wanted) {
  return Error(ErrorCode::kNotFound, base::escape(place) + ": has " + std::to_string(count) +
                                         " images, no " + base::escape(wanted));
}

}  // namespace meridian::store
