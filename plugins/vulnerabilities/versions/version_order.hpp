// SPDX-License-Identifier: Apache-2.0
//
// version_order.hpp: which of two versions is newer, by the rules of whoever gave them.
//
//   kDpkg      Debian Policy 5.6.12, deb-version(7): epochs, "~" before the end
//   kRpm       rpm-version(7): [epoch:]version[-release], "~" before and "^" after the end
//   kApk       apk-tools, doc/apk-package.5: 1.2b_rc3_p1-r4
//   kSemver    semver.org 2.0.0; also one to four numbers and a "v" in front (npm, Cargo)
//   kNuGet     the same without regard to case
//   kComposer  Composer\Semver: dev, alpha, beta, RC, the release, patch; no branches ("dev-main")
//   kPep440    PEP 440, "Version scheme" and "Summary of permitted suffixes"
//   kMaven     Maven 3.8's ComparableVersion ("POM reference", version order specification)
//   kRubyGems  Gem::Version
//   kGo        golang.org/x/mod/semver, "v" or not; pseudo-versions and +incompatible are in it
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace meridian::vulnerabilities {

enum class Ecosystem {
  kDpkg,
  kRpm,
  kApk,
  kSemver,
  kNuGet,
  kComposer,
  kPep440,
  kMaven,
  kRubyGems,
  kGo
};

constexpr std::size_t kMaxVersion = 256;  // bytes; Debian's longest have 60, pseudo-versions 40

/// Negative: `a` is older; 0: neither. nullopt: one of them is no version there, or is longer than
/// kMaxVersion. Numbers may be of any length.
std::optional<int> compare(Ecosystem ecosystem, std::string_view a, std::string_view b);

}  // namespace meridian::vulnerabilities
