// SPDX-License-Identifier: Apache-2.0
//
// words.hpp: what is tried, in order: what follows from the user's name, the operator's own words,
// the list.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::weak_password {

class Words {
 public:
  /// One word a line of `list`; blank lines and what is longer than kMaxWord are left out.
  Words(std::string_view list, std::vector<std::string> own);
  std::size_t size() const { return words_.size(); }
  const std::string& operator[](std::size_t i) const { return words_[i]; }
  bool is_own(std::size_t i) const { return i < own_; }

 private:
  std::vector<std::string> words_;  // the operator's first
  std::size_t own_ = 0;
};

/// No password, the name, and what people make of it: "Name", "name123", "eman", "name@2024".
std::vector<std::string> variants(std::string_view user);

constexpr std::size_t kMaxWord = 72;

}  // namespace meridian::weak_password
