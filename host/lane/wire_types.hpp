// SPDX-License-Identifier: Apache-2.0
//
// wire_types.hpp: how a type says how it travels; see wire.hpp.
#pragma once

#include <concepts>
#include <type_traits>

namespace meridian::lane {

/// What fields() gets of an archive that reads the value, or that changes it.
template <typename Archive, typename T>
using Of = std::conditional_t<Archive::kWrites, const T, T>;

/// The last enumerator; 0 is the first.
template <typename E>
inline constexpr const void* kLargest = nullptr;

/// For a type that is made only by a check: `Form`, how it travels; form(), and make() with
/// std::nullopt for what is none.
template <typename T>
struct Checked;

template <typename T>
concept IsChecked = requires(const T& value) {
  Checked<T>::form(value);
};

template <typename T>
concept IsNumber = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

}  // namespace meridian::lane
