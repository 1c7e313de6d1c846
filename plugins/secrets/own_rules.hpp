// SPDX-License-Identifier: Apache-2.0
//
// own_rules.hpp: what a user's configuration adds to the rules and takes from the findings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

#include "judge.hpp"

namespace meridian::secrets {

/// The declared rule under which findings of own rules are reported: a manifest is fixed.
constexpr std::string_view kOwnRule = "own-rule";

/// Adds one rule for each text, a JSON object as in rules/secrets.json. Errors of parse_rules.
Result<void> add_own_rules(const std::vector<std::string>& texts, std::vector<Rule>& rules);

/// Every sample of an own rule says the truth. kInvalid, naming the rule, if not.
Result<void> check_own_samples(const Judge& judge);

/// "RULE:PLACE" of each line, both globs. kInvalid for a line without a colon.
Result<std::vector<Allowed>> parse_allowed(const std::vector<std::string>& lines);

}  // namespace meridian::secrets
