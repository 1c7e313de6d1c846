// SPDX-License-Identifier: Apache-2.0
#include "scan/redaction.hpp"

#include <algorithm>

#include "base/escape.hpp"

namespace meridian::scan {

namespace {

std::size_t shown_length(std::string_view secret) {
  if (secret.size() >= 20) return 4;
  return secret.size() >= 12 ? 2 : 0;
}

}  // namespace

std::string redact(std::string_view secret) {
  std::size_t shown = shown_length(secret);
  // Not half of a character, and nothing that a terminal obeys.
  const std::string head = base::escape(secret.substr(0, shown));
  return head + "********";
}

std::string scrub(std::string text, const std::vector<std::string_view>& secrets) {
  for (const std::string_view secret : secrets) {
    if (secret.size() < kShortestScrubbed) continue;
    const std::string form = redact(secret);
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += form.size()) {
      text.replace(at, secret.size(), form);
    }
  }
  return text;
}

}  // namespace meridian::scan
