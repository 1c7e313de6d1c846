// SPDX-License-Identifier: Apache-2.0
//
// Every rule of the bundle against its own examples, and the bundle against itself.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "example_image.hpp"

namespace meridian::privilege_escalation {
namespace {

bool speaks(const testing::Outcome& outcome, const std::string& rule) {
  return std::any_of(outcome.findings().begin(), outcome.findings().end(),
                     [&](const testing::Found& found) { return found.rule == rule; });
}

}  // namespace

TEST_CASE("rules: each speaks in its positive examples and not in its negative ones") {
  for (const RuleText& rule : shipped_rules()) {
    CHECK_FALSE(rule.positives.empty());
    CHECK_FALSE(rule.negatives.empty());
    for (std::size_t i = 0; i < rule.positives.size(); ++i) {
      INFO(rule.id << ", positive " << i);
      CHECK(speaks(run(rule.positives[i]), rule.id));
    }
    for (std::size_t i = 0; i < rule.negatives.size(); ++i) {
      INFO(rule.id << ", negative " << i);
      const auto outcome = run(rule.negatives[i]);
      CHECK_FALSE(speaks(outcome, rule.id));
      CHECK(outcome.gaps().empty());
    }
  }
}

TEST_CASE("rules: plugin.json declares the same rules") {
  const auto manifest = nlohmann::json::parse(bundle_file("plugin.json"), nullptr, false);
  REQUIRE(manifest.is_object());
  CHECK(manifest["id"] == "io.meridian.privilege-escalation");
  const char* const severities[] = {"unknown", "info", "low", "medium", "high", "critical"};
  const auto rules = shipped_rules();
  REQUIRE(manifest["rules"].size() == rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    INFO(rules[i].id);
    CHECK(manifest["rules"][i]["id"] == rules[i].id);
    CHECK(manifest["rules"][i]["title"] == rules[i].title);
    CHECK(manifest["rules"][i]["help"] == rules[i].references.front());
    CHECK(manifest["rules"][i]["severity"] ==
          severities[static_cast<std::size_t>(rules[i].severity)]);
    CHECK_FALSE(rules[i].remediation.empty());
  }
}

TEST_CASE("rules: a file of another form is refused and says where") {
  for (const char* text :
       {"", "[]", R"({"rules": 1})", R"({"rules": [1]})", R"({"rules": [{"id": "a"}]})"}) {
    INFO(text);
    const auto rules = parse_rules(text);
    REQUIRE_FALSE(rules);
    CHECK(rules.error().code() == ErrorCode::kCorrupt);
  }
}

}  // namespace meridian::privilege_escalation
