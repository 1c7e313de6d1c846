// SPDX-License-Identifier: Apache-2.0
//
// orders.hpp: the order of each ecosystem, and what they share. Texts of at most kMaxVersion bytes.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace meridian::vulnerabilities {

std::optional<int> compare_dpkg(std::string_view a, std::string_view b);
std::optional<int> compare_rpm(std::string_view a, std::string_view b);
std::optional<int> compare_apk(std::string_view a, std::string_view b);
std::optional<int> compare_semver(std::string_view a, std::string_view b);
std::optional<int> compare_nuget(std::string_view a, std::string_view b);
std::optional<int> compare_composer(std::string_view a, std::string_view b);
std::optional<int> compare_pep440(std::string_view a, std::string_view b);
std::optional<int> compare_maven(std::string_view a, std::string_view b);
std::optional<int> compare_ruby_gems(std::string_view a, std::string_view b);
std::optional<int> compare_go(std::string_view a, std::string_view b);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// What `text` begins with as long as `belongs` says so; takes it off.
template <typename Belongs>
std::string_view take_while(std::string_view& text, Belongs belongs) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), belongs);
  const std::string_view taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

inline bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

inline int sign(int value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

/// Numbers of any length, with zeros in front or not; "" is 0.
inline int compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return sign(a.compare(b));
}

}  // namespace meridian::vulnerabilities
