// SPDX-License-Identifier: Apache-2.0
//
// text.hpp: bytes and lists between the C tables and the standard library.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "abi/entry.h"
#include "abi/target.h"

namespace meridian {

/// The bytes as a view; lives as long as what lent them.
inline std::string_view view(meridian_str text) {
  return text.data == nullptr ? std::string_view()
                              : std::string_view(text.data, static_cast<std::size_t>(text.size));
}

/// Lends `text`; it must outlive the use.
constexpr meridian_str lend(std::string_view text) { return {text.data(), text.size()}; }

/// A borrowed list of texts, for range-for.
class Strings {
 public:
  explicit Strings(meridian_strings list) : list_(list) {}

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;  // hands out views, not references
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = std::string_view;

    explicit Iterator(const meridian_str* at) : at_(at) {}
    std::string_view operator*() const { return view(*at_); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const meridian_str* at_;
  };

  Iterator begin() const { return Iterator(list_.items); }
  Iterator end() const { return Iterator(list_.items + list_.count); }
  std::size_t size() const { return static_cast<std::size_t>(list_.count); }
  std::string_view operator[](std::size_t i) const { return view(list_.items[i]); }

 private:
  meridian_strings list_;
};

/// Owns a list in the shape that a table wants; neither copied nor moved while lent.
class LentStrings {
 public:
  explicit LentStrings(const std::vector<std::string>& texts) {
    items_.reserve(texts.size());
    for (const std::string& text : texts) items_.push_back(lend(text));
  }
  meridian_strings get() const { return {items_.data(), items_.size()}; }

 private:
  std::vector<meridian_str> items_;
};

}  // namespace meridian
