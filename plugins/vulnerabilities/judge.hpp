// SPDX-License-Identifier: Apache-2.0
//
// judge.hpp: what the advisories about one package come to: each vulnerability once, under all of
// its names, with one verdict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "database.hpp"
#include "match.hpp"

namespace meridian::vulnerabilities {

struct Vulnerability {
  Candidate said;                    // by the source that is believed
  std::vector<std::string> aliases;  // of all sources
  std::vector<std::string> sources;  // that say it is affected
  std::string fixed;                 // empty: nothing fixes it yet
};

struct Judgement {
  std::vector<Vulnerability> affected;  // by id
  std::vector<std::string> unknown;     // ids: the version could not be compared
};

/// A distribution's own feed is believed before others about its packages, whatever they say: it
/// knows what it has patched.
Judgement judge(const std::vector<Candidate>& candidates, Ecosystem order,
                std::string_view version);

/// Of a finding. The distribution's own word, else the advisory's, else `rating`; what it left
/// unfixed on purpose (no-dsa, postponed, ignored, wont-fix) is one step lower.
Severity severity_of(const Candidate& said, const Rating& rating);

}  // namespace meridian::vulnerabilities
