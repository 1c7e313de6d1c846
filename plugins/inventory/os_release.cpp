// SPDX-License-Identifier: Apache-2.0
#include "os_release.hpp"

#include <algorithm>
#include <array>

namespace meridian::inventory {
namespace {

constexpr std::array<std::string_view, 10> kWanted = {
    "BUILD_ID",   "ID",          "ID_LIKE", "IMAGE_ID",         "NAME",
    "VARIANT_ID", "PRETTY_NAME", "VERSION", "VERSION_CODENAME", "VERSION_ID"};

/// The value without its quotes, as a shell would take them: nothing is expanded.
std::string unquoted(std::string_view text) {
  std::string out;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (quote == '\0' && (letter == '"' || letter == '\'')) {
      quote = letter;
    } else if (letter == quote) {
      quote = '\0';
    } else if (letter == '\\' && quote != '\'' && i + 1 < text.size()) {
      out += text[++i];
    } else if (quote == '\0' && (letter == ' ' || letter == '\t')) {
      break;  // another word, which is no part of the value
    } else {
      out += letter;
    }
  }
  return out;
}

}  // namespace

OsRelease parse_os_release(std::string_view text) {
  OsRelease out;
  for (std::size_t line = 0; line < kMaxLines && !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!one.empty() && one.back() == '\r') one.remove_suffix(1);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = one.substr(0, equals);
    if (std::find(kWanted.begin(), kWanted.end(), name) == kWanted.end()) continue;
    out[std::string(name)] = unquoted(one.substr(equals + 1));
  }
  return out;
}

}  // namespace meridian::inventory
