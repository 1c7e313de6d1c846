// SPDX-License-Identifier: Apache-2.0
//
// Every rule of the bundle against its own examples, and the bundle against itself.
#include <algorithm>
#include <meridian/testing/testing.hpp>
#include <nlohmann/json.hpp>

#include "zip_file.hpp"

namespace meridian::known_artifacts {
namespace {

using nlohmann::json;

std::string content_of(const json& file);

Members members_of(const json& object) {
  Members out;
  for (const auto& [name, value] : object.items()) {
    out.emplace_back(name,
                     value.is_string() ? value.get<std::string>() : zip_of(members_of(value)));
  }
  return out;
}

std::string content_of(const json& file) {
  if (file.contains("members")) return zip_of(members_of(file["members"]));
  if (file.contains("content")) return file["content"].get<std::string>();
  std::string out;
  const auto hex = file.at("hex").get<std::string>();
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

testing::Outcome scanned(const json& example) {
  std::vector<testing::Entry> entries;
  for (const json& file : example) {
    entries.push_back(testing::file(file["path"].get<std::string>(), content_of(file)));
  }
  return testing::scan<KnownArtifactsPlugin>(
      testing::image().layer(std::move(entries)),
      {.rules = {{"rules.json", bundle_file("rules/rules.json")}}});
}

bool speaks(const testing::Outcome& outcome, const std::string& rule) {
  return std::any_of(outcome.findings().begin(), outcome.findings().end(),
                     [&](const testing::Found& found) { return found.rule == rule; });
}

}  // namespace

TEST_CASE("rules: each speaks in its positive examples and not in its negative ones") {
  const json data = json::parse(bundle_file("rules/rules.json"));
  for (const json& rule : data["rules"]) {
    const auto id = rule["id"].get<std::string>();
    CHECK_FALSE(rule["positives"].empty());
    CHECK_FALSE(rule["negatives"].empty());
    for (const json& example : rule["positives"]) {
      INFO(id << ": " << example.dump().substr(0, 300));
      const auto outcome = scanned(example);
      CHECK(speaks(outcome, id));
      CHECK(outcome.gaps().empty());
    }
    for (const json& example : rule["negatives"]) {
      INFO(id << ", not: " << example.dump().substr(0, 300));
      const auto outcome = scanned(example);
      CHECK_FALSE(speaks(outcome, id));
      CHECK(outcome.gaps().empty());
    }
  }
}

TEST_CASE("rules: plugin.json declares the same rules, and the one of users") {
  const json manifest = json::parse(bundle_file("plugin.json"));
  CHECK(manifest["id"] == "io.meridian.known-artifacts");
  const char* const severities[] = {"unknown", "info", "low", "medium", "high", "critical"};
  const auto rules = shipped_rules();
  CHECK(rules.size() >= 14);
  REQUIRE(manifest["rules"].size() == rules.size() + 1);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    INFO(rules[i].id);
    CHECK(manifest["rules"][i]["id"] == rules[i].id);
    CHECK(manifest["rules"][i]["title"] == rules[i].title);
    CHECK(manifest["rules"][i]["help"] == rules[i].references.front());
    CHECK(manifest["rules"][i]["severity"] ==
          severities[static_cast<std::size_t>(rules[i].severity)]);
    CHECK_FALSE(rules[i].remediation.empty());
  }
  CHECK(manifest["rules"].back()["id"] == "own-artifact");
}

TEST_CASE("rules: a file of another form is refused and says where") {
  const std::string head = R"({"id": "a", "severity": "high", "title": "t", "remediation": "r",
                               "references": ["l"], "when": )";
  for (const char* const when :
       {"[]", "1", "[{}]", R"([{"other": {}}])", R"([{"archive": []}])",
        R"([{"archive": [{"path": "a", "absent": true}]}])", R"([{"archive": [{"path": "a/"}]}])",
        R"([{"file": {"contains": ["x"]}}])", R"([{"file": {"names": ["x"], "bytes": ["0g"]}}])",
        R"([{"file": {"names": ["x"], "version": {"after": "v", "ranges": [["1"]]}}}])",
        R"([{"file": {"names": ["x"], "elf": 1}}])", R"([{"file": {"names": 7}}])",
        R"([{"hash": {"sha256": "00", "size": 1}}])", R"([{"npm": {"a": []}}])",
        R"([{"npm": {"a": "1"}}])", R"([{"hash": {}, "npm": {}}])"}) {
    INFO(when);
    const auto rule = parse_rule(head + when + "}");
    REQUIRE_FALSE(rule);
    CHECK(rule.error().code() == ErrorCode::kCorrupt);
    CHECK(rule.error().message().find("rule 'a'") == 0);
  }
  for (const char* const text : {"", "[]", R"({"rules": 1})", R"({"rules": [1]})"}) {
    CHECK_FALSE(parse_rules(text));
  }
  CHECK(parse_rule(head + R"([{"npm": {"a": ["1"]}}]})"));
}

}  // namespace meridian::known_artifacts
