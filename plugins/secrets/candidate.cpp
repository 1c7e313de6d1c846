// SPDX-License-Identifier: Apache-2.0
#include "candidate.hpp"

#include <algorithm>
#include <cstddef>

namespace meridian::secrets {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

bool is_hex(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') ||
         (letter >= 'A' && letter <= 'F');
}

// The last letter of an escape ends no word: "\n", "\x3d", "=", "%3D".
bool ends_escape(std::string_view before) {
  const std::size_t n = before.size();
  if (n >= 2 && before[n - 2] == '\\' &&
      std::string_view("nrtbfv0").find(before[n - 1]) != std::string_view::npos) {
    return true;
  }
  if (n < 3 || !is_hex(before[n - 1]) || !is_hex(before[n - 2])) return false;
  if (before[n - 3] == '%') return true;
  if (n >= 4 && before[n - 4] == '\\' && before[n - 3] == 'x') return true;
  return n >= 6 && before.substr(n - 6, 4) == "\\u00";
}

bool is_binary(std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value >= 0x80 || (value < 0x20 && byte != '\n' && byte != '\r' && byte != '\t');
  });
}

// The length that stands before the match as one byte, or as four in either byte order.
std::optional<std::size_t> told_length(const Sighting& at, std::size_t most) {
  const std::string_view before = at.before;
  const std::size_t near = std::min<std::size_t>(before.size(), 16);
  if (before.empty() ||
      !(is_binary(before.substr(before.size() - near)) || is_binary(at.after.substr(0, 16)))) {
    return std::nullopt;
  }
  const auto fits = [&](std::size_t length) { return length >= at.bytes.size() && length <= most; };
  const std::size_t n = before.size();
  if (n >= 4) {
    const std::size_t low = byte_at(before, n - 4) | byte_at(before, n - 3) << 8 |
                            byte_at(before, n - 2) << 16 |
                            static_cast<std::size_t>(byte_at(before, n - 1)) << 24;
    const std::size_t high = static_cast<std::size_t>(byte_at(before, n - 4)) << 24 |
                             byte_at(before, n - 3) << 16 | byte_at(before, n - 2) << 8 |
                             byte_at(before, n - 1);
    if (fits(low)) return low;
    if (fits(high)) return high;
  }
  const std::size_t one = byte_at(before, n - 1);
  return fits(one) ? std::optional<std::size_t>(one) : std::nullopt;
}

// "name: 'value'", "name = value", "'name' => \"value\"", "define('NAME', 'value')",
// "<name>value<": what follows the name's separator, to the closing quote or, unquoted, to what
// ends a word.
bool take_assigned(std::string_view& value, bool only_quoted) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  std::size_t i = 0;
  const bool prefixed = !value.empty() && value[0] == ':';  // ":_authToken=..." of an .npmrc
  if (prefixed) ++i;
  while (i < value.size() && in_name(value[i])) ++i;
  while (i < value.size() && std::string_view("\"'] \t").find(value[i]) != std::string_view::npos)
    ++i;
  if (i == value.size() || std::string_view("=:,>").find(value[i]) == std::string_view::npos) {
    return false;
  }
  const bool element = value[i] == '>';
  ++i;
  while (i < value.size() && std::string_view("=> \t").find(value[i]) != std::string_view::npos)
    ++i;
  value.remove_prefix(i);
  if (value.empty()) return false;
  const char quote = value[0];
  if (element) {
    value = value.substr(0, value.find('<'));
  } else if (quote == '"' || quote == '\'' || quote == '`') {
    value.remove_prefix(1);
    const std::size_t end = value.find(quote);
    if (end == std::string_view::npos) return false;
    value = value.substr(0, end);
  } else if (only_quoted) {
    return false;
  } else {
    value = value.substr(0, value.find_first_of(" \t\r\n\"'`,;<>"));
  }
  return true;
}

bool take(const ValueStep& step, std::string_view& value) {
  using Kind = ValueStep::Kind;
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t at = 0;
  switch (step.kind) {
    case Kind::kAfter:
    case Kind::kAfterLast:
      at = step.kind == Kind::kAfter ? value.find(step.text) : value.rfind(step.text);
      if (at == kNone) return false;
      value.remove_prefix(at + step.text.size());
      return true;
    case Kind::kAfterAny:
      at = value.find_first_of(step.text);
      if (at == kNone) return false;
      value.remove_prefix(at + 1);
      return true;
    case Kind::kUntil:
    case Kind::kUntilLast:
    case Kind::kUntilAny:
      at = step.kind == Kind::kUntil       ? value.find(step.text)
           : step.kind == Kind::kUntilLast ? value.rfind(step.text)
                                           : value.find_first_of(step.text);
      value = value.substr(0, at);
      return true;
    case Kind::kLast:
      if (value.size() < step.count) return false;
      value.remove_prefix(value.size() - step.count);
      return true;
    case Kind::kTail:
      at = value.size();
      while (at > 0 && step.set.has(value[at - 1])) --at;
      value.remove_prefix(at);
      return true;
    case Kind::kTrim:
      at = value.find_first_not_of(step.text);
      value.remove_prefix(std::min(at, value.size()));
      value = value.substr(0, value.find_last_not_of(step.text) + 1);
      return true;
    case Kind::kAssigned:
      return take_assigned(value, step.text == "quoted");
  }
  return false;
}

}  // namespace

std::optional<Candidate> cut(const Rule& rule, const Sighting& at, bool by_length) {
  const std::size_t extension =
      rule.extend_max == 0 ? 0 : rule.extend.span(at.after.substr(0, rule.extend_max));
  std::size_t length = at.bytes.size() + extension;
  if (by_length) {
    const auto told = told_length(at, length);
    if (!told) return std::nullopt;
    length = *told;
  }
  const std::string_view rest = at.after.substr(length - at.bytes.size());
  if (!by_length) {
    if (!at.before.empty() && rule.not_before.has(at.before.back()) && !ends_escape(at.before)) {
      return std::nullopt;
    }
    if (!rest.empty() && rule.not_after.has(rest.front())) return std::nullopt;
  }
  Candidate candidate;
  candidate.token = at.bytes;
  candidate.token += at.after.substr(0, length - at.bytes.size());
  candidate.before = at.before;
  candidate.after = rest;
  std::string_view value = candidate.token;
  for (const ValueStep& step : rule.value) {
    if (!take(step, value)) return std::nullopt;
  }
  if (value.empty()) return std::nullopt;
  candidate.value = value;
  return candidate;
}

}  // namespace meridian::secrets
