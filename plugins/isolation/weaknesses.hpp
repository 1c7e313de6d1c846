// SPDX-License-Identifier: Apache-2.0
//
// weaknesses.hpp: what is wrong with a container's isolation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meridian/finding.hpp>
#include <meridian/target.hpp>

#include "policy.hpp"

namespace meridian::isolation {

struct Weakness {
  std::string_view rule;  // of rule_table()
  std::string field;      // "runtime", "setting:platform", "mount:/data", ...
  std::string message;
  std::string evidence;
  Severity severity = Severity::kUnknown;  // kUnknown: as the rule declares
  Confidence confidence = Confidence::kHigh;
};

/// Of a container, whose boundary is `isolation`.
std::vector<Weakness> weaknesses(const Target& target, const Isolation& isolation,
                                 const Policy& policy);

/// Whether it is called as gVisor, Kata and their like are by their projects and manuals.
bool names_sandbox(std::string_view name);

/// What its engine could run it with instead, for people: "; this host has ..."; empty: nothing.
std::string alternatives(const Target& target);

}  // namespace meridian::isolation
