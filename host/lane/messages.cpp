// SPDX-License-Identifier: Apache-2.0
#include "lane/messages.hpp"

#include <utility>

namespace meridian::lane {

namespace {

template <std::size_t... I>
constexpr bool in_order(std::index_sequence<I...>) {
  return ((static_cast<std::size_t>(std::tuple_element_t<I, Messages>::kType) == I) && ...);
}
constexpr std::size_t kTypes = std::tuple_size_v<Messages>;
static_assert(in_order(std::make_index_sequence<kTypes>()));
static_assert(kTypes == static_cast<std::size_t>(FrameType::kRead) + 1);

}  // namespace
}  // namespace meridian::lane
