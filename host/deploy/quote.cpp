// SPDX-License-Identifier: Apache-2.0
#include "deploy/quote.hpp"

#include <algorithm>

#include "base/escape.hpp"

namespace meridian::deploy {

std::string shell_word(std::string_view text) {
  const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:,=@%+").find(c) != std::string_view::npos;
  });
  if (bare) return std::string(text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

std::string yaml_text(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += "\\x";
      quoted += kDigits[byte >> 4];
      quoted += kDigits[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + "\"";
}

std::string without_variables(std::string_view text) {
  std::string doubled;
  for (const char c : text) {
    if (c == '$') doubled += '$';
    doubled += c;
  }
  return doubled;
}

std::string comment(std::string_view text, std::string_view indent) {
  constexpr std::size_t kColumns = 100;
  const std::string words = base::escape(text);
  const std::string begin = std::string(indent) + "#";
  std::string lines;
  std::string line = begin;
  std::size_t at = 0;
  while (at < words.size()) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    if (line.size() > begin.size() && line.size() + 1 + (end - at) > kColumns) {
      lines += line + "\n";
      line = begin;
    }
    line += " " + words.substr(at, end - at);
    at = end + 1;
  }
  return lines + line + "\n";
}

}  // namespace meridian::deploy
