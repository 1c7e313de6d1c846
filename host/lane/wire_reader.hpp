// SPDX-License-Identifier: Apache-2.0
//
// wire_reader.hpp: bytes to values; see wire.hpp.
#pragma once

#include <algorithm>
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

/// After the first mistake everything reads as it was, and error() says what it was. Memory is
/// taken as elements arrive, so that a count that lies takes none.
class Reader {
 public:
  static constexpr bool kWrites = false;

  explicit Reader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  template <typename... T>
  void operator()(T&... values) {
    (get(values), ...);
  }

  bool good() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  std::size_t left() const { return rest_.size(); }
  /// The first one stays.
  void fail(std::string_view what) {
    if (!good()) return;
    error_ = "byte " + std::to_string(size_ - rest_.size()) + ": " + std::string(what);
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      fail(std::to_string(size) + " bytes announced, " + std::to_string(rest_.size()) + " left");
    }
    if (!good()) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <IsNumber T>
  void get(T& number) {
    const std::string_view bytes = take(sizeof(T));
    if (!good()) return;
    std::make_unsigned_t<T> value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) {
      if constexpr (sizeof(T) > 1) value = static_cast<decltype(value)>(value << 8);
      value = static_cast<decltype(value)>(value | static_cast<unsigned char>(bytes[i]));
    }
    number = static_cast<T>(value);
  }
  void get(bool& value) {
    std::uint8_t byte = 0;
    get(byte);
    if (byte > 1) fail(std::to_string(byte) + " is neither true nor false");
    if (good()) value = byte == 1;
  }
  template <typename E>
  requires std::is_enum_v<E>
  void get(E& value) {
    static_assert(std::is_same_v<std::remove_cv_t<decltype(kLargest<E>)>, E>, "name its kLargest");
    static_assert(static_cast<std::uint64_t>(kLargest<E>) <= 0xff);
    std::uint8_t byte = 0;
    get(byte);
    if (byte > static_cast<std::uint64_t>(kLargest<E>)) {
      fail(std::to_string(byte) + " is no enumerator");
    }
    if (good()) value = static_cast<E>(byte);
  }
  std::uint32_t count() {
    std::uint32_t number = 0;
    get(number);
    return number;
  }
  void get(std::string& text) {
    const std::string_view bytes = take(count());
    if (good()) text.assign(bytes);
  }
  /// Refers to the bytes that are read.
  void get(std::string_view& text) {
    const std::string_view bytes = take(count());
    if (good()) text = bytes;
  }
  template <typename T>
  void get(std::vector<T>& list) {
    list.clear();
    const std::uint32_t size = count();
    // Every element has at least one byte, or a count alone could fill the memory.
    if (size > rest_.size()) fail(std::to_string(size) + " elements do not fit in what is left");
    constexpr std::uint32_t kAtOnce = 64;
    list.reserve(std::min(size, kAtOnce));
    for (std::uint32_t i = 0; i < size && good(); ++i) {
      if (std::optional<T> item = element<T>()) list.push_back(*std::move(item));
    }
  }
  template <typename T, std::size_t N>
  void get(std::array<T, N>& list) {
    for (T& item : list) get(item);
  }
  template <typename K, typename V>
  void get(std::map<K, V>& map) {
    map.clear();
    const std::uint32_t size = count();
    for (std::uint32_t i = 0; i < size && good(); ++i) {
      std::pair<K, V> item;
      get(item);
      if (!map.empty() && item.first <= map.rbegin()->first) fail("keys are not in order");
      if (good()) map.insert(map.end(), std::move(item));
    }
  }
  template <typename T>
  void get(std::optional<T>& value) {
    value.reset();
    bool there = false;
    get(there);
    if (there && good()) value = element<T>();
  }
  template <typename A, typename B>
  void get(std::pair<A, B>& both) {
    (*this)(both.first, both.second);
  }
  template <IsChecked T>
  void get(T& value) {
    if (std::optional<T> made = element<T>()) value = *std::move(made);
  }
  template <typename T>
  requires(std::is_class_v<T> && !IsChecked<T>) void get(T& value) { fields(*this, value); }

  /// nullopt after a mistake. Also of types that have no empty value.
  template <typename T>
  std::optional<T> element() {
    if constexpr (IsChecked<T>) {
      typename Checked<T>::Form form{};
      get(form);
      if (!good()) return std::nullopt;
      std::optional<T> made = Checked<T>::make(form);
      if (made && Checked<T>::form(*made) == form) return made;
      fail("a text that its type does not allow, or writes otherwise");
      return std::nullopt;
    } else {
      T item{};
      get(item);
      return good() ? std::optional<T>(std::move(item)) : std::nullopt;
    }
  }

  std::string_view rest_;
  std::size_t size_;
  std::string error_;
};

}  // namespace meridian::lane
