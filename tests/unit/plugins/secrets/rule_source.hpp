// SPDX-License-Identifier: Apache-2.0
//
// rule_source.hpp: the rules as shipped, and small rule files made in a test.
#pragma once

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "judge.hpp"
#include "rule.hpp"
#include "support/catch.hpp"

namespace meridian::secrets {

inline std::string bundle_file(const std::string& name) {
  std::ifstream in(std::string(MERIDIAN_SOURCE_DIR "/plugins/secrets/") + name, std::ios::binary);
  REQUIRE(in.good());
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

inline std::vector<Rule> shipped_rules() {
  auto rules = parse_rules(bundle_file("rules/secrets.json"));
  if (!rules) FAIL(rules.error().message());
  return *std::move(rules);
}

inline std::unique_ptr<Judge> judge_of(std::vector<Rule> rules, Options options = {}) {
  auto judge = Judge::create(std::move(rules), std::move(options));
  if (!judge) FAIL(judge.error().message());
  return *std::move(judge);
}

/// One rule file with one rule; `members` replaces or adds to a rule that is valid without it.
inline std::string rule_file(const std::string& members) {
  return R"({"schema": "meridian.secrets.rules/1", "rules": [{"id": "a-rule", "title": "A rule",
    "severity": "high", "confidence": "high")" +
         members + "}]}";
}

constexpr std::string_view kRest = R"(, "pattern": "tok_[a-z0-9]{8}", "keywords": ["tok_"],
    "confirm": [])";

/// What `rules` report in a file `path` that holds `text`: "rule-id=value", as the host would ask.
inline std::vector<std::string> reported(const Judge& judge, const Matcher& matcher,
                                         std::string_view path, std::string_view text) {
  Scratch of_matcher;
  Scratch of_judge;
  const auto spans = matcher.find(text, of_matcher);
  REQUIRE(spans);
  std::vector<std::string> found;
  for (const Span& span : *spans) {
    const Rule& rule = judge.rules()[span.rule];
    if (rule.scope != Rule::Scope::kContent || !is_at_home(rule, path)) continue;
    const std::size_t start = span.begin - std::min<std::size_t>(span.begin, rule.context);
    const Sighting sighting{path, text.substr(start, span.begin - start),
                            text.substr(span.begin, span.end - span.begin),
                            text.substr(span.end).substr(0, rule.context)};
    if (const auto verdict = judge.judge(span.rule, sighting, of_judge)) {
      found.push_back(rule.id + "=" + verdict->value);
    }
  }
  return found;
}

}  // namespace meridian::secrets
