// SPDX-License-Identifier: Apache-2.0
//
// filler.hpp: gives every field that fields() names a value unlike its first one, and checks that
// fields() names every member of the struct, each once.
#pragma once

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "finding/unit_output.hpp"
#include "lane/wire.hpp"
#include "model/digest.hpp"
#include "model/process.hpp"
#include "rootfs/rootfs_path.hpp"

namespace meridian::lane {

/// Initialises any member; of a const object, so that an optional's own constructor is preferred.
struct AnyMember {
  template <typename T>
  operator T() const;  // NOLINT(google-explicit-constructor)
};

/// How many members an aggregate has.
template <typename T, typename... Members>
constexpr std::size_t members_of() {
  if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
    return members_of<T, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}

/// Members that never go over.
template <typename T>
inline constexpr std::size_t kStaysHere = 0;
template <>
inline constexpr std::size_t kStaysHere<finding::RawFinding> = 1;  // `sealed`: a cache's word alone

class Filler {
 public:
  static constexpr bool kWrites = false;

  template <typename... T>
  void operator()(T&... values) {
    const std::set<const void*> places{static_cast<const void*>(&values)...};
    CHECK(places.size() == sizeof...(T));
    (fill(values), ...);
    named_ = sizeof...(T);  // last: the structs among the values named theirs
  }

  template <typename T>
  static T filled() {
    Filler filler;
    return filler.made<T>();
  }

 private:
  template <IsNumber T>
  void fill(T& number) {
    std::uint64_t bits = 0x8182838485868788u + next_++;
    number = static_cast<T>(static_cast<std::make_unsigned_t<T>>(bits));
  }
  void fill(bool& value) { value = !value; }
  template <typename E>
  requires std::is_enum_v<E>
  void fill(E& value) { value = value == kLargest<E> ? E{} : kLargest<E>; }
  std::string text() { return "text " + std::to_string(next_++) + std::string("\0\xff\n", 3); }
  void fill(std::string& value) { value = text(); }
  void fill(Error& value) { value = Error(ErrorCode::kCancelled, text()); }
  void fill(rootfs::RootfsPath& value) {
    value = *rootfs::RootfsPath::parse("a/b" + std::to_string(next_++));
  }
  void fill(model::ProcessGap& value) {
    value = {Error(ErrorCode::kPrivilege, text()), text(), text()};
  }
  template <typename T>
  T made() {
    if constexpr (std::is_same_v<T, model::Digest> || std::is_same_v<T, model::DiffId>) {
      const std::string digits = std::to_string(next_++);
      return *T::from_hex(std::string(64 - digits.size(), 'a') + digits);
    } else if constexpr (std::is_same_v<T, model::ProcessGap>) {
      T value{Error(ErrorCode::kLimit, ""), "", ""};
      fill(value);
      return value;
    } else if constexpr (std::is_same_v<T, Error>) {
      return Error(ErrorCode::kCancelled, text());
    } else {
      T value{};
      fill(value);
      return value;
    }
  }
  template <typename T>
  void fill(std::vector<T>& list) {
    list.push_back(made<T>());
    list.push_back(made<T>());
  }
  template <typename T, std::size_t N>
  void fill(std::array<T, N>& list) {
    for (T& item : list) fill(item);
  }
  template <typename T>
  void fill(std::optional<T>& value) {
    value = made<T>();
  }
  template <typename K, typename V>
  void fill(std::map<K, V>& map) {
    map.emplace(made<K>(), made<V>());
    map.emplace(made<K>(), made<V>());
  }
  template <typename A, typename B>
  void fill(std::pair<A, B>& both) {
    fill(both.first);
    fill(both.second);
  }
  template <typename T>
  requires(std::is_class_v<T> && !IsChecked<T>) void fill(T& value) {
    named_ = 0;
    fields(*this, value);
    CHECK(named_ + kStaysHere<T> == members_of<T>());
  }

  std::size_t named_ = 0;
  std::uint64_t next_ = 1;
};

}  // namespace meridian::lane
