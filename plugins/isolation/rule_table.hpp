// SPDX-License-Identifier: Apache-2.0
//
// rule_table.hpp: the rules as data. plugin.json has the same ids, titles, severities and links;
// the host compares them when it loads the plugin.
#pragma once

#include <span>
#include <string_view>

#include <meridian/finding.hpp>

namespace meridian::isolation {

struct RuleText {
  std::string_view id;
  Severity severity;  // at worst; a finding may be lower
  std::string_view title;
  std::string_view help;
  std::string_view remediation;  // for Docker, containerd and Kubernetes, where they differ
};

std::span<const RuleText> rule_table();
/// Aborts for an id that the table does not have: a bug of ours.
const RuleText& rule_text(std::string_view id);

}  // namespace meridian::isolation
