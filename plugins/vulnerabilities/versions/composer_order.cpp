// SPDX-License-Identifier: Apache-2.0
//
// composer_order.cpp: Composer's order: one to four numbers, how stable it is, and whether it is
// still being worked on: "1.2.0-beta3-dev".
#include <array>
#include <string>
#include <vector>

#include "orders.hpp"

namespace meridian::vulnerabilities {
namespace {

struct Composed {
  std::vector<std::string_view> numbers;  // of the release
  int stability = 0;
  std::vector<std::string_view> stages;  // the numbers behind that
  bool is_dev = false;
};

struct Word {
  std::string_view text;
  int stability;  // 0: the release
};
// Longer words first: "patch" begins with "p".
constexpr std::array<Word, 9> kWords = {{{"stable", 0},
                                         {"alpha", -3},
                                         {"patch", 1},
                                         {"beta", -2},
                                         {"rc", -1},
                                         {"pl", 1},
                                         {"a", -3},
                                         {"b", -2},
                                         {"p", 1}}};
constexpr int kDev = -4;
constexpr std::size_t kNumbers = 4;

bool take(std::string_view& text, std::string_view start) {
  if (text.substr(0, start.size()) != start) return false;
  text.remove_prefix(start.size());
  return true;
}

/// `text` in small letters.
std::optional<Composed> composed(std::string_view text) {
  Composed out;
  text = text.substr(0, text.find('+'));
  take(text, "v");
  do {
    const std::string_view digits = take_while(text, is_digit);
    if (digits.empty() || out.numbers.size() == kNumbers) return std::nullopt;
    out.numbers.push_back(digits);
  } while (text.size() > 1 && text[0] == '.' && is_digit(text[1]) && take(text, "."));
  const auto is_separator = [](char c) { return c == '.' || c == '-' || c == '_'; };
  if (!text.empty() && is_separator(text[0])) text.remove_prefix(1);
  std::string_view rest = text;
  const auto* const word = std::find_if(kWords.begin(), kWords.end(),
                                        [&rest](const Word& one) { return take(rest, one.text); });
  if (word != kWords.end()) {
    out.stability = word->stability;
    text = rest;
    for (;;) {
      rest = text;
      if (!rest.empty() && (rest[0] == '.' || rest[0] == '-')) rest.remove_prefix(1);
      const std::string_view digits = take_while(rest, is_digit);
      if (digits.empty()) break;
      out.stages.push_back(digits);
      text = rest;
    }
  }
  rest = text;
  if (!rest.empty() && (rest[0] == '.' || rest[0] == '-')) rest.remove_prefix(1);
  if (take(rest, "dev")) {
    out.is_dev = true;
    text = rest;
  }
  if (!text.empty()) return std::nullopt;
  // "stable" ends it there.
  if (word != kWords.end() && word->stability == 0) {
    out.stages.clear();
    out.is_dev = false;
    return out;
  }
  if (out.is_dev && word == kWords.end()) out.stability = kDev;
  return out;
}

/// As far as both go, then the longer one is the newer.
int compare_lists(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b,
                  bool is_padded) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (!is_padded && (i >= a.size() || i >= b.size())) return i >= a.size() ? -1 : 1;
    const int order = compare_numbers(i < a.size() ? a[i] : std::string_view(),
                                      i < b.size() ? b[i] : std::string_view());
    if (order != 0) return order;
  }
  return 0;
}

}  // namespace

std::optional<int> compare_composer(std::string_view a, std::string_view b) {
  const auto small = [](std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), to_lower);
    return out;
  };
  const std::string left = small(a), right = small(b);
  const auto one = composed(left), other = composed(right);
  if (!one || !other) return std::nullopt;
  if (const int order = compare_lists(one->numbers, other->numbers, true); order != 0) return order;
  if (one->stability != other->stability) return one->stability < other->stability ? -1 : 1;
  if (const int order = compare_lists(one->stages, other->stages, false); order != 0) return order;
  if (one->is_dev != other->is_dev) return one->is_dev ? -1 : 1;
  return 0;
}

}  // namespace meridian::vulnerabilities
