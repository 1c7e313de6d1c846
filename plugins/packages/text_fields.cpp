// SPDX-License-Identifier: Apache-2.0
#include "text_fields.hpp"

#include <algorithm>

namespace meridian::packages {
namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return text;
  if (text.front() != '"' && text.front() != '\'') return text;
  return text.substr(1, text.size() - 2);
}

Stanza Stanza::take(std::string_view& text) {
  Stanza stanza;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (trimmed(line).empty()) {
      if (stanza.empty()) continue;
      break;
    }
    if (line.front() == ' ' || line.front() == '\t') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || stanza.fields_.size() >= kMaxFields) continue;
    stanza.fields_.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return stanza;
}

std::string_view Stanza::operator[](std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (is_same_word(key, name)) return value;
  }
  return {};
}

std::vector<std::string_view> Stanza::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : fields_) {
    if (is_same_word(key, name)) values.push_back(value);
  }
  return values;
}

bool is_same_word(std::string_view one, std::string_view other) {
  return one.size() == other.size() &&
         std::equal(one.begin(), one.end(), other.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char letter) { return lower(letter); });
  return result;
}

}  // namespace meridian::packages
