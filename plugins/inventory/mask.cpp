// SPDX-License-Identifier: Apache-2.0
#include "mask.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace meridian::inventory {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kSeparators = " \t\r\n;&?";  // of connection strings and queries too

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return out;
}

/// "scheme://user:word@host": the word, and a lone "scheme://word@host" too.
std::string without_user_info(std::string_view text) {
  std::string out(text);
  std::size_t at = 0;
  while ((at = out.find("://", at)) != std::string::npos) {
    at += 3;
    const std::size_t end = std::min(out.find_first_of("/?#\"' \t\r\n", at), out.size());
    const std::size_t host = out.rfind('@', end);
    if (host == std::string::npos || host < at) continue;
    const std::size_t colon = out.find(':', at);
    const std::size_t from = colon != std::string::npos && colon < host ? colon + 1 : at;
    out.replace(from, host - from, kMasked);
  }
  return out;
}

/// What stands before the first '=' of a word, if that can be a name.
std::string_view name_of(std::string_view word) {
  const std::size_t equals = word.find('=');
  return equals == std::string_view::npos ? std::string_view() : word.substr(0, equals);
}

bool is_bare_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && word.find('=') == std::string_view::npos &&
         promises_secret(word);
}

/// A quote before the name would be left open: it closes in the masked value.
std::string without_quotes(std::string_view name) {
  std::string out(name);
  std::erase_if(out, [](char letter) { return letter == '\'' || letter == '"'; });
  return out;
}

/// Whether a quoted value goes on after this word: an odd number of quotes stands in it.
bool opens_quote(std::string_view word) {
  return std::count(word.begin(), word.end(), '"') % 2 != 0 ||
         std::count(word.begin(), word.end(), '\'') % 2 != 0;
}

}  // namespace

bool promises_secret(std::string_view name) {
  constexpr std::array<std::string_view, 12> kWords = {"pass", "pwd",        "secret", "token",
                                                       "key",  "credential", "auth",   "cookie",
                                                       "salt", "connection", "dsn",    "private"};
  const std::string text = lower_case(name);
  return std::any_of(kWords.begin(), kWords.end(), [&text](std::string_view word) {
    return text.find(word) != std::string::npos;
  });
}

std::vector<std::string> masked_words(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  out.reserve(words.size());
  bool follows = false;
  for (const std::string& word : words) {
    // A whole script may be one word; an option's value may have blanks in it.
    const bool value = follows && !word.empty() && word[0] != '-';
    out.push_back(value ? std::string(kMasked) : masked(word));
    follows = is_bare_option(word);
  }
  return out;
}

std::string masked(std::string_view whole) {
  const std::string cleaned = without_user_info(whole);
  std::string_view text = cleaned;
  std::string out;
  bool follows = false;  // the word before was an option that promises a secret
  bool quoted = false;   // inside a masked value that has blanks
  while (!text.empty()) {
    const std::size_t start = std::min(text.find_first_not_of(kSeparators), text.size());
    if (!quoted) out += text.substr(0, start);
    text.remove_prefix(start);
    std::string_view word = text.substr(0, text.find_first_of(kSeparators));
    const std::string_view name = name_of(word);
    const bool by_name = !name.empty() && promises_secret(name);
    const bool by_option = follows && !word.empty() && word[0] != '-';
    // A value may have separators in it: it ends at a blank.
    if (quoted || by_name || by_option) word = text.substr(0, text.find_first_of(kBlanks));
    text.remove_prefix(word.size());
    if (quoted) {
      quoted = !opens_quote(word);
      continue;
    }
    follows = is_bare_option(word);
    if (!by_name && !by_option) {
      out += word;
      continue;
    }
    if (by_name) out.append(without_quotes(name)).append("=");
    out += kMasked;
    quoted = opens_quote(word);
  }
  return out;
}

}  // namespace meridian::inventory
