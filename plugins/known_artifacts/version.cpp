// SPDX-License-Identifier: Apache-2.0
#include "version.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace meridian::known_artifacts {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The next part of digits or letters; empty: there is none. Takes it off.
std::string_view take_part(std::string_view& rest) {
  while (!rest.empty() && !is_digit(rest[0]) && !is_letter(rest[0])) rest.remove_prefix(1);
  if (rest.empty()) return {};
  const auto belongs = is_digit(rest[0]) ? is_digit : is_letter;
  const auto* const end = std::find_if_not(rest.begin(), rest.end(), belongs);
  const std::string_view part = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(part.size());
  return part;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool is_before_release(std::string_view part) {
  constexpr std::array<std::string_view, 7> kWords = {"alpha", "beta", "dev",     "m",
                                                      "pre",   "rc",   "snapshot"};
  return std::find(kWords.begin(), kWords.end(), lower(part)) != kWords.end();
}

/// -2 a word before the release, -1 nothing, 0 any other word, 1 a number: "1.0-rc" < "1.0" <
/// "1.0g" < "1.0.1".
int rank(std::string_view part) {
  if (part.empty()) return -1;
  if (is_digit(part[0])) return 1;
  return is_before_release(part) ? -2 : 0;
}

int compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

/// The next number, if that is the next part; "": it is not. Takes it off.
std::string_view take_number(std::string_view& rest) {
  std::string_view after = rest;
  const std::string_view part = take_part(after);
  if (part.empty() || !is_digit(part[0])) return {};
  rest = after;
  return part;
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  // The release: 2.0 is 2.
  for (;;) {
    const std::string_view one = take_number(a), other = take_number(b);
    if (one.empty() && other.empty()) break;
    const int order = compare_numbers(one, other);
    if (order != 0) return order;
  }
  for (;;) {
    const std::string_view one = take_part(a), other = take_part(b);
    if (one.empty() && other.empty()) return 0;
    if (rank(one) != rank(other)) return rank(one) < rank(other) ? -1 : 1;
    const int order =
        rank(one) == 1 ? compare_numbers(one, other) : lower(one).compare(lower(other));
    if (order != 0) return order;
  }
}

}  // namespace meridian::known_artifacts
