// SPDX-License-Identifier: Apache-2.0
//
// report.hpp: one vulnerability of one package as a finding.
#pragma once

#include <meridian/finding.hpp>
#include <string>
#include <vector>

#include "inventory.hpp"
#include "judge.hpp"

namespace meridian::vulnerabilities {

namespace rule {
inline constexpr const char* kFixable = "vulnerable-package";
inline constexpr const char* kUnfixed = "vulnerable-package-unfixed";
inline constexpr const char* kMalicious = "malicious-package";
inline constexpr const char* kNotAffecting = "vulnerability-not-affecting";
}  // namespace rule

/// What advisories are about: a package, or the source that several of a system were built from.
struct Subject {
  Package package;                 // the first of them, by name
  std::string name, version;       // that the advisories go by
  std::vector<std::string> names;  // of all of them
  std::vector<std::string> purls;  // likewise, and of the source
};

/// `statement` may be null: no VEX document speaks of it.
void report(const Subject& subject, const Vulnerability& found, const Rating& rating,
            const Statement* statement, TargetSink& out);

}  // namespace meridian::vulnerabilities
