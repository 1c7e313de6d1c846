// SPDX-License-Identifier: Apache-2.0
#include "match.hpp"

#include <array>
#include <utility>

namespace meridian::vulnerabilities {
namespace {

std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

struct Bounds {
  std::string_view introduced, fixed, last;
};

/// Nothing: something cannot be compared.
std::optional<bool> is_inside(Ecosystem order, std::string_view version, Bounds bounds) {
  if (!bounds.introduced.empty()) {
    const bool without = bounds.introduced.front() == '>';
    if (without) bounds.introduced.remove_prefix(1);
    const auto sign = compare(order, version, bounds.introduced);
    if (!sign) return std::nullopt;
    if (*sign < 0 || (without && *sign == 0)) return false;
  }
  if (!bounds.fixed.empty()) {
    const auto sign = compare(order, version, bounds.fixed);
    if (!sign) return std::nullopt;
    if (*sign >= 0) return false;
  }
  if (!bounds.last.empty()) {
    const auto sign = compare(order, version, bounds.last);
    if (!sign) return std::nullopt;
    if (*sign > 0) return false;
  }
  return true;
}

}  // namespace

std::optional<Ecosystem> order_of(std::string_view word) {
  constexpr std::array kWords = {
      std::pair{"dpkg", Ecosystem::kDpkg},         std::pair{"rpm", Ecosystem::kRpm},
      std::pair{"apk", Ecosystem::kApk},           std::pair{"semver", Ecosystem::kSemver},
      std::pair{"pep440", Ecosystem::kPep440},     std::pair{"maven", Ecosystem::kMaven},
      std::pair{"rubygems", Ecosystem::kRubyGems}, std::pair{"go", Ecosystem::kGo},
      std::pair{"nuget", Ecosystem::kNuGet},       std::pair{"composer", Ecosystem::kComposer}};
  for (const auto& [name, order] : kWords) {
    if (word == name) return order;
  }
  return std::nullopt;
}

Match match(Ecosystem order, std::string_view version, std::string_view ranges) {
  Match result;
  while (!ranges.empty()) {
    std::string_view line = take(ranges, '\n');
    if (line.starts_with('=')) {
      // Spelt as the feed spells it, or the same by its order.
      line.remove_prefix(1);
      if (line == version || compare(order, version, line) == 0) {
        result.verdict = Match::Verdict::kAffected;
        return result;
      }
      continue;
    }
    const std::string_view introduced = take(line, '\t'), fixed = take(line, '\t');
    const auto inside = is_inside(order, version, {introduced, fixed, line});
    if (!inside) {
      result.verdict = Match::Verdict::kUnknown;
    } else if (*inside) {
      result.verdict = Match::Verdict::kAffected;
      result.fixed = fixed;
      return result;
    }
  }
  return result;
}

}  // namespace meridian::vulnerabilities
