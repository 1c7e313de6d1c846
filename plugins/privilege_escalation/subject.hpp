// SPDX-License-Identifier: Apache-2.0
//
// subject.hpp: the target being judged, what the judges of it share, and what they have to say.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/finding.hpp>
#include <meridian/target.hpp>

#include "access.hpp"
#include "accounts.hpp"
#include "program_data.hpp"

namespace meridian::privilege_escalation {

/// A finding in the making; owns its texts.
struct Issue {
  std::string rule;
  Severity severity = Severity::kUnknown;  // as the rule says
  std::string path = {};
  std::string message = {};
  std::string evidence = {};  // part of the fingerprint: without numbers of lines
  std::string field = {};
  std::optional<std::uint32_t> layer = {};
};

/// One target's tree and accounts. Lives for one callback.
class Subject {
 public:
  Subject(const Target& target, const ProgramData& programs);

  const Target& target() const { return target_; }
  Tree tree() const { return target_.tree(); }
  const ProgramData& programs() const { return programs_; }
  const Accounts& accounts() const { return accounts_; }
  Access& access() { return access_; }

  /// The file's text; nullopt where there is none. What cannot be read is a gap.
  std::optional<std::string> read(const std::string& path);
  /// Names in a directory; none where there is none. What cannot be listed is a gap.
  std::vector<std::string> list(const std::string& path);

  void report(Issue issue) { issues_.push_back(std::move(issue)); }
  void gap(const std::string& path, Error why);

  const std::vector<Issue>& issues() const { return issues_; }
  const std::map<std::string, Error>& gaps() const { return gaps_; }

 private:
  const Target& target_;
  const ProgramData& programs_;
  std::map<std::string, Error> gaps_;  // one a path
  std::vector<Issue> issues_;
  Accounts accounts_;
  Access access_;
};

}  // namespace meridian::privilege_escalation
