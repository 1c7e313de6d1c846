// SPDX-License-Identifier: Apache-2.0
//
// language_orders.cpp: semantic versions, Go, PEP 440 and RubyGems.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "orders.hpp"

namespace meridian::vulnerabilities {
namespace {

using Texts = std::vector<std::string_view>;

Texts split(std::string_view text, char by) {
  Texts out;
  for (;;) {
    const std::size_t at = text.find(by);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

struct Semantic {
  Texts numbers, before;  // of the release; of what comes before it, empty: it is the release
};

bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || is_letter(c) || c == '-';
  });
}

bool has_zero_in_front(std::string_view text) {
  return is_number(text) && text.size() > 1 && text[0] == '0';
}

/// `is_strict`: no zeros in front of numbers.
std::optional<Semantic> semantic(std::string_view text, std::size_t most_numbers, bool is_strict) {
  if (!text.empty() && (text[0] == 'v' || text[0] == 'V')) text.remove_prefix(1);
  Semantic out;
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    for (const std::string_view one : split(text.substr(plus + 1), '.')) {
      if (!is_identifier(one)) return std::nullopt;
    }
    text = text.substr(0, plus);
  }
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    out.before = split(text.substr(dash + 1), '.');
    text = text.substr(0, dash);
  }
  out.numbers = split(text, '.');
  if (out.numbers.size() > most_numbers) return std::nullopt;
  for (const std::string_view one : out.numbers) {
    if (!is_number(one) || (is_strict && has_zero_in_front(one))) return std::nullopt;
  }
  for (const std::string_view one : out.before) {
    if (!is_identifier(one) || (is_strict && has_zero_in_front(one))) return std::nullopt;
  }
  return out;
}

int compare_numbers_of(const Texts& a, const Texts& b) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const int order = compare_numbers(i < a.size() ? a[i] : std::string_view(),
                                      i < b.size() ? b[i] : std::string_view());
    if (order != 0) return order;
  }
  return 0;
}

/// Numbers by value, and before words.
int compare_identifiers(std::string_view a, std::string_view b) {
  if (is_number(a) != is_number(b)) return is_number(a) ? -1 : 1;
  return is_number(a) ? compare_numbers(a, b) : sign(a.compare(b));
}

int compare_semantic(const Semantic& a, const Semantic& b) {
  if (const int order = compare_numbers_of(a.numbers, b.numbers); order != 0) return order;
  if (a.before.empty() != b.before.empty()) return a.before.empty() ? 1 : -1;
  for (std::size_t i = 0; i < std::min(a.before.size(), b.before.size()); ++i) {
    const int order = compare_identifiers(a.before[i], b.before[i]);
    if (order != 0) return order;
  }
  return a.before.size() == b.before.size() ? 0 : a.before.size() < b.before.size() ? -1 : 1;
}

/// One of PEP 440. What is not there is where it stands in the order: -1 before all, 1 after all.
struct Pep440 {
  std::string_view epoch;
  Texts release;
  int before_absent = 1;  // of "a1", "b1", "rc1"
  int before_kind = 0;
  std::string_view before;
  bool has_post = false, has_dev = false, has_local = false;
  std::string_view post, dev;
  Texts local;
};

class Pep440Reader {
 public:
  explicit Pep440Reader(std::string_view text) : text_(text) {}

  std::optional<Pep440> read() {
    Pep440 out;
    if (next_is('v')) text_.remove_prefix(1);
    std::string_view digits = take_while(text_, is_digit);
    if (next_is('!')) {
      out.epoch = digits;
      if (digits.empty()) return std::nullopt;
      text_.remove_prefix(1);
      digits = take_while(text_, is_digit);
    }
    if (digits.empty()) return std::nullopt;
    out.release.push_back(digits);
    while (text_.size() > 1 && text_[0] == '.' && is_digit(text_[1])) {
      text_.remove_prefix(1);
      out.release.push_back(take_while(text_, is_digit));
    }
    read_before(out);
    read_post(out);
    if (take_word({"dev"})) {
      out.has_dev = true;
      out.dev = take_number();
    }
    if (next_is('+') && !read_local(out)) return std::nullopt;
    if (!text_.empty()) return std::nullopt;
    if (out.before_absent == 1 && !out.has_post && out.has_dev) out.before_absent = -1;
    return out;
  }

 private:
  static bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }
  bool next_is(char c) const { return !text_.empty() && text_[0] == c; }

  /// One of the words, after a separator or not; which, from 1.
  template <std::size_t N>
  int take_word(const std::array<std::string_view, N>& words) {
    std::string_view rest = text_;
    if (!rest.empty() && is_separator(rest[0])) rest.remove_prefix(1);
    for (std::size_t i = 0; i < N; ++i) {
      if (rest.substr(0, words.at(i).size()) != words.at(i)) continue;
      text_ = rest.substr(words.at(i).size());
      return static_cast<int>(i) + 1;
    }
    return 0;
  }
  int take_word(std::initializer_list<std::string_view> one) {
    return take_word(std::array<std::string_view, 1>{*one.begin()});
  }

  /// The number behind a word, or "", after a separator or not.
  std::string_view take_number() {
    if (!text_.empty() && is_separator(text_[0])) text_.remove_prefix(1);
    return take_while(text_, is_digit);
  }

  void read_before(Pep440& out) {
    // Longer words first: "alpha" begins with "a".
    constexpr std::array<std::string_view, 8> kWords = {"alpha", "beta", "preview", "pre",
                                                        "rc",    "a",    "b",       "c"};
    constexpr std::array<int, 8> kKinds = {0, 1, 2, 2, 2, 0, 1, 2};
    const int word = take_word(kWords);
    if (word == 0) return;
    out.before_absent = 0;
    out.before_kind = kKinds.at(static_cast<std::size_t>(word) - 1);
    out.before = take_number();
  }

  void read_post(Pep440& out) {
    // "1.0-1"
    if (text_.size() > 1 && text_[0] == '-' && is_digit(text_[1])) {
      text_.remove_prefix(1);
      out.has_post = true;
      out.post = take_while(text_, is_digit);
      return;
    }
    if (take_word(std::array<std::string_view, 3>{"post", "rev", "r"}) == 0) return;
    out.has_post = true;
    out.post = take_number();
  }

  bool read_local(Pep440& out) {
    text_.remove_prefix(1);
    out.has_local = true;
    for (;;) {
      const std::string_view part =
          take_while(text_, [](char c) { return is_digit(c) || is_letter(c); });
      if (part.empty()) return false;
      out.local.push_back(part);
      if (text_.empty() || !is_separator(text_[0])) return true;
      text_.remove_prefix(1);
    }
  }

  std::string_view text_;
};

/// Of something that may not be there: `absent` says where it then stands.
int compare_optional(bool has_a, std::string_view a, bool has_b, std::string_view b, int absent) {
  if (has_a && has_b) return compare_numbers(a, b);
  if (has_a == has_b) return 0;
  return has_a ? -absent : absent;
}

int compare_local(const Pep440& a, const Pep440& b) {
  if (a.has_local != b.has_local) return a.has_local ? 1 : -1;
  for (std::size_t i = 0; i < std::min(a.local.size(), b.local.size()); ++i) {
    const std::string_view one = a.local[i], other = b.local[i];
    // Words before numbers here.
    if (is_number(one) != is_number(other)) return is_number(one) ? 1 : -1;
    const int order = is_number(one) ? compare_numbers(one, other) : sign(one.compare(other));
    if (order != 0) return order;
  }
  return a.local.size() == b.local.size() ? 0 : a.local.size() < b.local.size() ? -1 : 1;
}

int compare_pep440(const Pep440& a, const Pep440& b) {
  if (const int order = compare_numbers(a.epoch, b.epoch); order != 0) return order;
  if (const int order = compare_numbers_of(a.release, b.release); order != 0) return order;
  if (a.before_absent != b.before_absent) return a.before_absent < b.before_absent ? -1 : 1;
  if (a.before_absent == 0) {
    if (a.before_kind != b.before_kind) return a.before_kind < b.before_kind ? -1 : 1;
    if (const int order = compare_numbers(a.before, b.before); order != 0) return order;
  }
  if (const int order = compare_optional(a.has_post, a.post, b.has_post, b.post, -1); order != 0) {
    return order;
  }
  if (const int order = compare_optional(a.has_dev, a.dev, b.has_dev, b.dev, 1); order != 0) {
    return order;
  }
  return compare_local(a, b);
}

std::string lower(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\r\f\v";
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  text = text.substr(0, text.find_last_not_of(kSpaces) + 1);
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

/// Gem::Version's segments: numbers, then words and numbers, each without zeros at its end.
std::optional<Texts> gem_segments(std::string_view text) {
  if (text.empty()) return Texts{"0"};
  const std::size_t dash = text.find('-');
  const Texts parts = split(text.substr(0, dash), '.');
  if (!is_number(parts.front())) return std::nullopt;
  const auto is_word = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(),
                                        [](char c) { return is_digit(c) || is_letter(c); });
  };
  if (!std::all_of(parts.begin(), parts.end(), is_word)) return std::nullopt;
  if (dash != std::string_view::npos) {
    const Texts after = split(text.substr(dash + 1), '.');
    if (!std::all_of(after.begin(), after.end(), is_identifier)) return std::nullopt;
  }
  Texts out;
  std::size_t words = std::string_view::npos;  // the first of them
  const auto add = [&](std::string_view segment) {
    if (!is_number(segment) && words == std::string_view::npos) words = out.size();
    out.push_back(segment);
  };
  const auto add_all = [&add](std::string_view rest) {
    while (!rest.empty()) {
      const std::string_view part = take_while(rest, is_digit(rest[0]) ? is_digit : is_letter);
      if (part.empty()) {
        rest.remove_prefix(1);  // ".", "-"
      } else {
        add(part);
      }
    }
  };
  add_all(text.substr(0, dash));
  // "1.0-2-a" is "1.0.pre.2.pre.a".
  for (std::size_t at = dash; at != std::string_view::npos;) {
    const std::size_t next = text.find('-', at + 1);
    add("pre");
    add_all(text.substr(at + 1, next == std::string_view::npos ? next : next - at - 1));
    at = next;
  }
  const auto is_zero = [](std::string_view one) {
    return is_number(one) && compare_numbers(one, "") == 0;
  };
  while (!out.empty() && out.size() > (words == std::string_view::npos ? 0 : words) &&
         is_zero(out.back())) {
    out.pop_back();
  }
  if (words != std::string_view::npos) {
    std::size_t first = words;
    while (first > 0 && is_zero(out[first - 1])) --first;
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(first),
              out.begin() + static_cast<std::ptrdiff_t>(words));
  }
  return out;
}

}  // namespace

std::optional<int> compare_semver(std::string_view a, std::string_view b) {
  constexpr std::size_t kNumbers = 4;  // NuGet's
  const auto one = semantic(a, kNumbers, false), other = semantic(b, kNumbers, false);
  if (!one || !other) return std::nullopt;
  return compare_semantic(*one, *other);
}

std::optional<int> compare_nuget(std::string_view a, std::string_view b) {
  return compare_semver(lower(a), lower(b));
}

std::optional<int> compare_go(std::string_view a, std::string_view b) {
  const auto one = semantic(a, 3, true), other = semantic(b, 3, true);
  if (!one || !other) return std::nullopt;
  return compare_semantic(*one, *other);
}

std::optional<int> compare_pep440(std::string_view a, std::string_view b) {
  const std::string small = lower(a), other_small = lower(b);
  const auto one = Pep440Reader(small).read(), other = Pep440Reader(other_small).read();
  if (!one || !other) return std::nullopt;
  return compare_pep440(*one, *other);
}

std::optional<int> compare_ruby_gems(std::string_view a, std::string_view b) {
  const auto one = gem_segments(a), other = gem_segments(b);
  if (!one || !other) return std::nullopt;
  for (std::size_t i = 0; i < std::max(one->size(), other->size()); ++i) {
    const std::string_view left = i < one->size() ? (*one)[i] : "0";
    const std::string_view right = i < other->size() ? (*other)[i] : "0";
    // Words before numbers.
    if (is_number(left) != is_number(right)) return is_number(left) ? 1 : -1;
    const int order = is_number(left) ? compare_numbers(left, right) : sign(left.compare(right));
    if (order != 0) return order;
  }
  return 0;
}

}  // namespace meridian::vulnerabilities
