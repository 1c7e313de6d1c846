// SPDX-License-Identifier: Apache-2.0
//
// purl_reader.hpp: takes a package URL apart, as "How to parse a purl string" of the specification
// says; to compare with what writes them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::test {

struct Purl {
  std::string type, space, name, version;
  std::map<std::string, std::string> qualifiers;
};

/// nullopt of a byte that may not stand there.
inline std::optional<std::string> percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~:").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else if (c == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
               digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

inline std::optional<Purl> read_purl(std::string_view text) {
  Purl purl;
  if (text.substr(0, 4) != "pkg:") return std::nullopt;
  text.remove_prefix(4);
  if (const std::size_t mark = text.rfind('?'); mark != std::string_view::npos) {
    std::string_view rest = text.substr(mark + 1);
    text = text.substr(0, mark);
    while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find('&'));
      rest.remove_prefix(one.size() == rest.size() ? rest.size() : one.size() + 1);
      const std::size_t equals = one.find('=');
      if (equals == std::string_view::npos || equals + 1 == one.size()) return std::nullopt;
      const auto value = percent_decoded(one.substr(equals + 1));
      if (!value) return std::nullopt;
      const std::string key(one.substr(0, equals));
      if (!purl.qualifiers.empty() && purl.qualifiers.rbegin()->first >= key) return std::nullopt;
      purl.qualifiers[key] = *value;
    }
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  purl.type = text.substr(0, slash);
  text.remove_prefix(slash + 1);
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    const auto version = percent_decoded(text.substr(at + 1));
    if (!version || version->empty()) return std::nullopt;
    purl.version = *version;
    text = text.substr(0, at);
  }
  const std::size_t last = text.rfind('/');
  const auto name = percent_decoded(last == std::string_view::npos ? text : text.substr(last + 1));
  if (!name || name->empty()) return std::nullopt;
  purl.name = *name;
  std::string_view space =
      last == std::string_view::npos ? std::string_view() : text.substr(0, last);
  while (!space.empty()) {
    const std::string_view part = space.substr(0, space.find('/'));
    space.remove_prefix(part.size() == space.size() ? space.size() : part.size() + 1);
    const auto decoded = percent_decoded(part);
    if (!decoded || decoded->empty()) return std::nullopt;
    purl.space += (purl.space.empty() ? "" : "/") + *decoded;
  }
  return purl;
}

}  // namespace meridian::test
