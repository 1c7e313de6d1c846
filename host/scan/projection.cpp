// SPDX-License-Identifier: Apache-2.0
#include "scan/projection.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "scan/target_entry.hpp"
#include "scan/target_projection.hpp"

namespace meridian::scan {

namespace {

/// g1, g2, ... for values that stand in more than one place, in order of first occurrence.
void number_groups(std::vector<ProjectedFinding>& findings) {
  std::map<std::string, std::set<std::string>> places;  // value -> fingerprints
  for (const ProjectedFinding& finding : findings) {
    if (!finding.secret.empty()) places[finding.secret].insert(finding.entry.fingerprint);
  }
  std::map<std::string, std::string> names;
  for (ProjectedFinding& finding : findings) {
    if (finding.secret.empty() || places[finding.secret].size() < 2) continue;
    std::string& name = names[finding.secret];
    if (name.empty()) name = "g" + std::to_string(names.size());
    finding.entry.group = name;
  }
}

finding::Statistics statistics(const Plan& plan, const Results& results) {
  finding::Statistics numbers;
  numbers.targets = plan.targets.size();
  for (const PlannedTarget& target : plan.targets) numbers.layers += target.units.size();
  numbers.layers_unique = plan.units.size();
  for (const LayerResult& layer : results.layers) {
    if (layer.cached) ++numbers.layers_cached;
    numbers.files += layer.files;
    numbers.files_opened += layer.opened;
    numbers.bytes_read += layer.bytes_read;
    for (const auto& output : layer.outputs) numbers.plugin_calls += output.calls;
  }
  for (const TargetResult& target : results.targets) {
    for (const auto& output : target.outputs) numbers.plugin_calls += output.calls;
  }
  numbers.seconds = results.seconds;
  return numbers;
}

}  // namespace

finding::Report project(const model::Inventory& inventory, const Plan& plan,
                        const lane::PluginSet& set, const std::vector<AbsentPlugin>& absent,
                        const Options& options, Results& results) {
  finding::Report report;
  std::vector<ProjectedFinding> findings;
  for (std::size_t number = 0; number < plan.targets.size(); ++number) {
    ProjectedTarget target = project_target(inventory, plan, number, set, options, results);
    std::move(target.findings.begin(), target.findings.end(), std::back_inserter(findings));
    std::move(target.facts.begin(), target.facts.end(), std::back_inserter(report.facts));
    std::move(target.coverage.begin(), target.coverage.end(), std::back_inserter(report.coverage));
    for (const AbsentPlugin& plugin : absent) {
      finding::CoverageEntry entry;
      entry.target = target.entry.id;
      entry.plugin = plugin.id;
      entry.result = plugin.result;
      entry.complete = plugin.result == finding::PairResult::kSkipped;
      entry.reason = plugin.reason;
      if (plugin.result == finding::PairResult::kError) {
        entry.gaps = 1;
        report.gaps.push_back(
            {plugin.kind, plugin.id, entry.target, "", plugin.reason, plugin.mend, ""});
      }
      report.coverage.push_back(std::move(entry));
    }
    std::move(target.gaps.begin(), target.gaps.end(), std::back_inserter(report.gaps));
    report.targets.push_back(std::move(target.entry));
  }
  number_groups(findings);
  for (ProjectedFinding& finding : findings) report.findings.push_back(std::move(finding.entry));
  for (finding::Gap& gap : inventory_gaps(inventory, plan, report.targets)) {
    if (gap.target.empty()) report.gaps.push_back(std::move(gap));
  }
  std::sort(report.gaps.begin(), report.gaps.end());
  report.gaps.erase(std::unique(report.gaps.begin(), report.gaps.end()), report.gaps.end());
  report.statistics = statistics(plan, results);
  report.complete =
      report.gaps.empty() && std::all_of(report.coverage.begin(), report.coverage.end(),
                                         [](const auto& row) { return row.complete; });
  return report;
}

bool is_incomplete(const finding::Report& report) {
  const auto failed = [](const finding::CoverageEntry& row) {
    return row.result == finding::PairResult::kError;
  };
  const auto counts = [](const finding::Gap& gap) {
    return gap.plugin.empty() && gap.kind != finding::GapKind::kPrivilege &&
           gap.kind != finding::GapKind::kUnsupported && gap.kind != finding::GapKind::kRefused;
  };
  return std::any_of(report.coverage.begin(), report.coverage.end(), failed) ||
         std::any_of(report.gaps.begin(), report.gaps.end(), counts);
}

}  // namespace meridian::scan
