// SPDX-License-Identifier: Apache-2.0
#include "rule_source.hpp"

namespace meridian::secrets {
namespace {

std::string refusal(const std::string& file) {
  const auto rules = parse_rules(file);
  if (rules) return "";
  CHECK(rules.error().code() == ErrorCode::kCorrupt);
  return rules.error().message();
}

bool says(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos;
}

std::string with(const std::string& members) {
  return refusal(rule_file(std::string(kRest) + members));
}

}  // namespace

TEST_CASE("rule file: the smallest rule is read") {
  const auto rules = parse_rules(rule_file(std::string(kRest)));
  REQUIRE(rules);
  CHECK(rules->front().id == "a-rule");
  CHECK(rules->front().context == 64);
}

TEST_CASE("rule file: not JSON, not ours, or empty") {
  CHECK(says(refusal("{"), "JSON"));
  CHECK(says(refusal("[]"), "JSON"));
  CHECK(says(refusal(R"({"rules": []})"), "schema"));
  CHECK(says(refusal(R"({"schema": "x/1", "rules": []})"), "x/1"));
  CHECK(says(refusal(R"({"schema": "meridian.secrets.rules/1", "rules": []})"), "rules"));
  CHECK(says(refusal(R"({"schema": "meridian.secrets.rules/1", "rules": [3]})"), "rule 1"));
}

TEST_CASE("rule file: an unknown key anywhere names itself and the rule") {
  for (const char* members : {R"(, "patern": "x")", R"(, "where": {"path": ["x"]})",
                              R"(, "extend": {"class": "hex", "most": 3})"}) {
    INFO(members);
    CHECK(says(with(members), "a-rule"));
    CHECK(says(with(members), "not a known key"));
  }
  const std::string confirm =
      R"(, "pattern": "x", "keywords": ["x"], "confirm": [{"kind": "jwt", "min": 3}])";
  CHECK(says(refusal(rule_file(confirm)), "'min' is not a known key"));
}

TEST_CASE("rule file: missing and wrong members name the rule") {
  CHECK(says(refusal(rule_file(R"(, "keywords": ["x"], "confirm": [])")), "'pattern' is missing"));
  CHECK(says(refusal(rule_file(R"(, "pattern": "x", "confirm": [])")), "'keywords' is missing"));
  CHECK(says(refusal(rule_file(R"(, "pattern": "x", "keywords": ["x"])")), "'confirm' is missing"));
  CHECK(
      says(refusal(rule_file(R"(, "pattern": "x", "keywords": ["X"], "confirm": [])")), "capital"));
  CHECK(says(
      refusal(rule_file(R"(, "pattern": "x", "keywords": ["x"], "confirm": [{"kind": "magic"}])")),
      "magic"));
  CHECK(says(with(R"(, "binary": 1)"), "'binary'"));
  CHECK(says(with(R"(, "context": 5000)"), "'context'"));
  CHECK(says(with(R"(, "not_after": "vowels")"), "vowels"));
  CHECK(says(with(R"(, "value": [{"last": 0}])"), "last"));
  CHECK(says(with(R"(, "value": [{"frobnicate": "x"}])"), "frobnicate"));
  CHECK(says(with(R"(, "value": [{"after": "a", "until": "b"}])"), "one key"));
  CHECK(says(with(R"(, "placeholder": "maybe")"), "maybe"));
  CHECK(says(with(R"(, "positives": ["whole"])"), "positives"));
}

TEST_CASE("rule file: ids") {
  const std::string one = R"({"id": "a", "title": "t", "severity": "low", "confidence": "low")" +
                          std::string(kRest) + "}";
  const std::string start = R"({"schema": "meridian.secrets.rules/1", "rules": [)";
  CHECK(says(refusal(start + one + "," + one + "]}"), "there twice"));
  std::string wrong = one;
  wrong.replace(wrong.find("\"a\""), 3, "\"A b\"");
  CHECK(says(refusal(start + wrong + "]}"), "A b"));
}

}  // namespace meridian::secrets
