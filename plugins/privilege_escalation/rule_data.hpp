// SPDX-License-Identifier: Apache-2.0
//
// rule_data.hpp: the rules as data (rules/rules.json). plugin.json has the same ids, titles,
// severities and links; the host compares them when it loads the plugin.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/finding.hpp>
#include <meridian/result.hpp>

namespace meridian::privilege_escalation {

/// One file of an example's image.
struct ExampleFile {
  std::string path;
  std::string type = {};  // file, folder, link, block or char
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string content = {};     // or a link's target
  std::string capability = {};  // as setcap(8) writes them: "cap_setuid=ep"
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
};

/// An image in which the rule speaks, or does not; the tests scan it.
struct Example {
  std::vector<ExampleFile> files;
  std::string path_variable = {};  // PATH of the image
};

struct RuleText {
  std::string id;
  Severity severity = Severity::kUnknown;  // of most of its findings; one may be lower or higher
  std::string title;
  std::vector<std::string> references;  // links; the first is the rule's help
  std::string remediation;
  std::vector<Example> positives, negatives;
};

/// kCorrupt, naming the rule and the key, for another form.
Result<std::vector<RuleText>> parse_rules(std::string_view json);

}  // namespace meridian::privilege_escalation
