// SPDX-License-Identifier: Apache-2.0
//
// The rules in the plugin and in its manifest are the same.
#include "rule_table.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "support/catch.hpp"

namespace meridian::isolation {
namespace {

std::string severity_text(Severity severity) {
  switch (severity) {
    case Severity::kLow:
      return "low";
    case Severity::kMedium:
      return "medium";
    case Severity::kHigh:
      return "high";
    case Severity::kCritical:
      return "critical";
    default:
      return "unknown";
  }
}

}  // namespace

TEST_CASE("rule_table: is what plugin.json says, in its order, and each rule has its mend") {
  std::ifstream file(MERIDIAN_SOURCE_DIR "/plugins/isolation/plugin.json");
  const auto manifest = nlohmann::json::parse(file);
  REQUIRE(manifest["rules"].size() == rule_table().size());
  std::set<std::string_view> ids;
  for (std::size_t i = 0; i < rule_table().size(); ++i) {
    const RuleText& rule = rule_table()[i];
    INFO(rule.id);
    const auto& declared = manifest["rules"][i];
    CHECK(declared["id"] == rule.id);
    CHECK(declared["title"] == rule.title);
    CHECK(declared["severity"] == severity_text(rule.severity));
    CHECK(declared["help"] == rule.help);
    CHECK(rule.help.substr(0, 8) == "https://");
    CHECK_FALSE(rule.remediation.empty());
    CHECK(ids.insert(rule.id).second);
    CHECK(&rule_text(rule.id) == &rule);
  }
}

}  // namespace meridian::isolation
