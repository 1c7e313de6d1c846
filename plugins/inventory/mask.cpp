// SPDX-License-Identifier: Apache-2.0
#include "mask.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace meridian::inventory {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kSeparators = " \t\r\n;&?,{";  // of connection strings, queries, JSON

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return out;
}

/// What user information of a URL is looked for in: no real URL is longer.
constexpr std::size_t kUrl = 4096;

/// Where the user information that `text` begins with ends, at its '@'; npos: it has none. What
/// stands behind a colon and is no port is a password, whatever is in it.
std::size_t end_of_user_info(std::string_view text) {
  text = text.substr(0, kUrl);
  std::string_view authority = text.substr(0, text.find_first_of("/?#\"' \t\r\n"));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) return at;
  const std::size_t colon = authority.find(':');
  const bool is_host = colon == std::string_view::npos || authority[0] == '[' ||
                       authority.find_first_not_of("0123456789", colon + 1) == authority.npos;
  if (is_host) return std::string_view::npos;
  return text.substr(0, text.find_first_of("\"' \t\r\n")).rfind('@');
}

/// "scheme://user:word@host" without what stands before the '@': a token may be the user's name.
std::string without_user_info(std::string_view text) {
  constexpr std::string_view kMark = "://";
  std::string out;
  std::size_t done = 0;
  std::size_t sign = text.find('@');  // the next one: without it there is nothing to look for
  for (std::size_t at = 0; sign != std::string_view::npos;) {
    at = text.find(kMark, done);
    if (at == std::string_view::npos) break;
    at += kMark.size();
    out += text.substr(done, at - done);
    done = at;
    if (sign < at) sign = text.find('@', at);
    if (sign == std::string_view::npos || sign - at > kUrl) continue;
    const std::size_t end = end_of_user_info(text.substr(at));
    if (end == std::string_view::npos) continue;
    out += kMasked;
    done = at + end;
  }
  return out.append(text.substr(done));
}

/// What stands before the first '=' or ':' of a word, with that; empty: none, or a URL's scheme.
std::string_view name_of(std::string_view word) {
  const std::size_t end = word.find_first_of("=:");
  if (end == std::string_view::npos || word.substr(end, 3) == "://") return {};
  return word.substr(0, end + 1);
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
    // "Authorization: Bearer x": such a value ends with the line.
    const bool to_end_of_line = by_name && !quoted && word == name && name.back() == ':';
    if (to_end_of_line) word = text.substr(0, text.find_first_of("\r\n"));
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
    if (by_name) out += without_quotes(name);
    out += kMasked;
    quoted = !to_end_of_line && opens_quote(word);
  }
  return out;
}

}  // namespace meridian::inventory
