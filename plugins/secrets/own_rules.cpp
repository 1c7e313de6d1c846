// SPDX-License-Identifier: Apache-2.0
#include "own_rules.hpp"

#include <algorithm>
#include <utility>

namespace meridian::secrets {

namespace {

Result<bool> is_reported(const Judge& judge, std::size_t rule, const Sample& sample,
                         Scratch& scratch) {
  const bool assignment = judge.rules()[rule].scope == Rule::Scope::kEnvironment;
  const Place place{sample.path, false, sample.text.size()};
  MERIDIAN_TRY(const std::vector<Hit> hits,
               assignment || sample.path.empty()
                   ? judge.search(sample.text, assignment, scratch)
                   : judge.search(sample.text, place, 0, sample.text.size(), scratch));
  return std::any_of(hits.begin(), hits.end(), [&](const Hit& hit) { return hit.rule == rule; });
}

}  // namespace

Result<void> add_own_rules(const std::vector<std::string>& texts, std::vector<Rule>& rules) {
  for (const std::string& text : texts) {
    auto parsed = parse_rules(R"({"schema": "meridian.secrets.rules/1", "rules": [)" + text + "]}");
    if (!parsed) return std::move(parsed).error().in("own rule");
    for (Rule& rule : *parsed) {
      const auto same = [&](const Rule& other) { return other.id == rule.id; };
      if (std::any_of(rules.begin(), rules.end(), same)) {
        return Error(ErrorCode::kInvalid, "own rule '" + rule.id + "': there is one of that name");
      }
      rule.own = true;
      rules.push_back(std::move(rule));
    }
  }
  return {};
}

Result<void> check_own_samples(const Judge& judge) {
  Scratch scratch;
  for (std::size_t i = 0; i < judge.rules().size(); ++i) {
    const Rule& rule = judge.rules()[i];
    if (!rule.own) continue;
    for (const bool wanted : {true, false}) {
      for (const Sample& sample : wanted ? rule.positives : rule.near_misses) {
        MERIDIAN_TRY(const bool reported, is_reported(judge, i, sample, scratch));
        if (reported == wanted) continue;
        return Error(ErrorCode::kInvalid,
                     "own rule '" + rule.id + "': one of its " +
                         (wanted ? "positives is not reported" : "near_misses is reported"));
      }
    }
  }
  return {};
}

Result<std::vector<Allowed>> parse_allowed(const std::vector<std::string>& lines) {
  std::vector<Allowed> allowed;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == line.size()) {
      return Error(ErrorCode::kInvalid, "allow: '" + line + "' is not RULE:PLACE");
    }
    allowed.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }
  return allowed;
}

}  // namespace meridian::secrets
