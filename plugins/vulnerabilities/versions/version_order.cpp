// SPDX-License-Identifier: Apache-2.0
#include "version_order.hpp"

#include "orders.hpp"

namespace meridian::vulnerabilities {

std::optional<int> compare(Ecosystem ecosystem, std::string_view a, std::string_view b) {
  if (a.size() > kMaxVersion || b.size() > kMaxVersion) return std::nullopt;
  switch (ecosystem) {
    case Ecosystem::kDpkg:
      return compare_dpkg(a, b);
    case Ecosystem::kRpm:
      return compare_rpm(a, b);
    case Ecosystem::kApk:
      return compare_apk(a, b);
    case Ecosystem::kSemver:
      return compare_semver(a, b);
    case Ecosystem::kNuGet:
      return compare_nuget(a, b);
    case Ecosystem::kComposer:
      return compare_composer(a, b);
    case Ecosystem::kPep440:
      return compare_pep440(a, b);
    case Ecosystem::kMaven:
      return compare_maven(a, b);
    case Ecosystem::kRubyGems:
      return compare_ruby_gems(a, b);
    case Ecosystem::kGo:
      return compare_go(a, b);
  }
  return std::nullopt;
}

}  // namespace meridian::vulnerabilities
