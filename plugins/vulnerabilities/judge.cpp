// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace meridian::vulnerabilities {
namespace {

/// Lower is believed first.
int rank_of(const Candidate& candidate) {
  if (candidate.kind == "debian" || candidate.kind == "alpine") return 0;
  return candidate.kind == "osv" ? 1 : 2;
}

bool is_cve(std::string_view id) { return id.starts_with("CVE-"); }

/// Candidates that share a name are one vulnerability: a CVE is never joined to another CVE, as a
/// notice about several would.
class Groups {
 public:
  void add(const Candidate& candidate) {
    std::size_t group = groups_.size();
    const auto known = by_name_.find(candidate.id);
    if (known != by_name_.end()) {
      group = known->second;
    } else if (!is_cve(candidate.id)) {
      for (const std::string& alias : candidate.aliases) {
        const auto found = by_name_.find(alias);
        if (found != by_name_.end()) group = found->second;
      }
    } else {
      // One that was known by its other name alone.
      for (const std::string& alias : candidate.aliases) {
        const auto found = by_name_.find(alias);
        if (found != by_name_.end() && !is_cve(groups_[found->second].front()->id)) {
          group = found->second;
        }
      }
    }
    if (group == groups_.size()) groups_.emplace_back();
    groups_[group].push_back(&candidate);
    by_name_.emplace(candidate.id, group);
    for (const std::string& alias : candidate.aliases) {
      if (!is_cve(alias)) by_name_.emplace(alias, group);
    }
  }
  const std::vector<std::vector<const Candidate*>>& groups() const { return groups_; }

 private:
  std::vector<std::vector<const Candidate*>> groups_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

Judgement judge(const std::vector<Candidate>& candidates, Ecosystem order,
                std::string_view version) {
  // CVEs first, so that other names find them.
  std::vector<const Candidate*> sorted;
  for (const Candidate& one : candidates) sorted.push_back(&one);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Candidate* a, const Candidate* b) {
    return std::pair(!is_cve(a->id), rank_of(*a)) < std::pair(!is_cve(b->id), rank_of(*b));
  });
  Groups groups;
  for (const Candidate* const one : sorted) groups.add(*one);

  Judgement judgement;
  for (const auto& group : groups.groups()) {
    int best = 3;
    for (const Candidate* const one : group) best = std::min(best, rank_of(*one));
    Vulnerability found;
    bool affected = false, unknown = false;
    for (const Candidate* const one : group) {
      if (rank_of(*one) != best) continue;
      // Advisories of a module hold for packages of modules, which name it in their release.
      if (one->state == "module" && version.find(".module") == std::string_view::npos) continue;
      Match matched = match(order, version, one->ranges);
      unknown = unknown || matched.verdict == Match::Verdict::kUnknown;
      if (matched.verdict != Match::Verdict::kAffected) continue;
      // Of several the one that knows a fix.
      if (!affected || (found.fixed.empty() && !matched.fixed.empty())) {
        found.said = *one;
        found.fixed = std::move(matched.fixed);
      }
      affected = true;
      add_name(found.sources, one->source);
    }
    if (!affected) {
      if (unknown) judgement.unknown.push_back(group.front()->id);
      continue;
    }
    for (const Candidate* const one : group) {
      if (is_cve(one->id) && !is_cve(found.said.id)) found.said.id = one->id;
    }
    for (const Candidate* const one : group) {
      if (one->id != found.said.id) add_name(found.aliases, one->id);
      for (const std::string& alias : one->aliases) {
        if (alias != found.said.id) add_name(found.aliases, alias);
      }
      if (found.said.summary.empty()) found.said.summary = one->summary;
    }
    std::sort(found.aliases.begin(), found.aliases.end());
    std::sort(found.sources.begin(), found.sources.end());
    judgement.affected.push_back(std::move(found));
  }
  std::sort(judgement.affected.begin(), judgement.affected.end(),
            [](const auto& a, const auto& b) { return a.said.id < b.said.id; });
  std::sort(judgement.unknown.begin(), judgement.unknown.end());
  return judgement;
}

Severity severity_of(const Candidate& said, const Rating& rating) {
  Severity severity = said.own_severity;
  if (severity == Severity::kUnknown) severity = said.severity;
  if (severity == Severity::kUnknown) severity = rating.severity;
  constexpr std::array kLeftAlone = {"no-dsa", "postponed", "ignored", "wont-fix"};
  const bool left = std::find(kLeftAlone.begin(), kLeftAlone.end(), said.state) != kLeftAlone.end();
  if (left && severity > Severity::kLow) {
    severity = static_cast<Severity>(static_cast<std::uint32_t>(severity) - 1);
  }
  return severity;
}

}  // namespace meridian::vulnerabilities
