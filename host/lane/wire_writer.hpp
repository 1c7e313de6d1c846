// SPDX-License-Identifier: Apache-2.0
//
// wire_writer.hpp: values to bytes; see wire.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lane/wire_types.hpp"

namespace meridian::lane {

class Writer {
 public:
  static constexpr bool kWrites = true;

  explicit Writer(std::string& out) : out_(out) {}

  template <typename... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

 private:
  template <IsNumber T>
  void put(const T& number) {
    auto rest = static_cast<std::make_unsigned_t<T>>(number);
    std::array<char, sizeof(T)> bytes;
    for (char& byte : bytes) {
      byte = static_cast<char>(static_cast<unsigned char>(rest & 0xff));
      if constexpr (sizeof(T) > 1) rest = static_cast<decltype(rest)>(rest >> 8);
    }
    out_.append(bytes.data(), bytes.size());
  }
  void put(const bool& value) { out_.push_back(value ? '\1' : '\0'); }
  template <typename E>
  requires std::is_enum_v<E>
  void put(const E& value) { put(static_cast<std::uint8_t>(value)); }
  void count(std::size_t size) { put(static_cast<std::uint32_t>(size)); }
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(const std::string_view& text) {
    count(text.size());
    out_.append(text);
  }
  template <typename T>
  void put(const std::vector<T>& list) {
    count(list.size());
    for (const T& item : list) put(item);
  }
  template <typename T, std::size_t N>
  void put(const std::array<T, N>& list) {
    for (const T& item : list) put(item);
  }
  template <typename K, typename V>
  void put(const std::map<K, V>& map) {
    count(map.size());
    for (const auto& [key, value] : map) (*this)(key, value);
  }
  template <typename T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <typename A, typename B>
  void put(const std::pair<A, B>& both) {
    (*this)(both.first, both.second);
  }
  template <IsChecked T>
  void put(const T& value) {
    put(Checked<T>::form(value));
  }
  template <typename T>
  requires(std::is_class_v<T> && !IsChecked<T>) void put(const T& value) { fields(*this, value); }

  std::string& out_;
};

}  // namespace meridian::lane
