// SPDX-License-Identifier: Apache-2.0
//
// table.cpp: a report for people: what was found, worst first; what was looked at; what was not.
#include <algorithm>
#include <array>
#include <map>

#include "base/escape.hpp"
#include "report/wording.hpp"
#include "report/writers.hpp"

namespace meridian::report {
namespace {

using finding::FindingEntry;
using finding::Severity;

constexpr std::array<Severity, 6> kWorstFirst = {Severity::kCritical, Severity::kHigh,
                                                 Severity::kMedium,   Severity::kLow,
                                                 Severity::kInfo,     Severity::kUnknown};
constexpr std::size_t kEvidenceColumns = 160;
constexpr std::size_t kPlacesListed = 5;
/// Under the severity word: "  critical  ".
constexpr const char* kMargin = "            ";

Tone tone_of(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return Tone::kAlarm;
    case Severity::kHigh:
      return Tone::kBad;
    case Severity::kMedium:
      return Tone::kWarning;
    case Severity::kLow:
    case Severity::kInfo:
      return Tone::kCalm;
    case Severity::kUnknown:
      return Tone::kPlain;
  }
  return Tone::kPlain;
}

std::string severity_counts(const std::vector<FindingEntry>& findings) {
  std::map<Severity, std::size_t> counts;
  for (const FindingEntry& finding : findings) ++counts[finding.severity];
  std::string out;
  for (const Severity severity : kWorstFirst) {
    if (counts[severity] == 0) continue;
    out += (out.empty() ? ": " : ", ") + std::to_string(counts[severity]) + " " +
           finding::to_text(severity);
  }
  return out;
}

void append_header(std::string& out, const finding::Report& report, Style style) {
  const finding::HostFacts& host = report.host;
  out += "meridian " + base::escape(report.version) + " on host " + base::escape(host.name) + " (" +
         (host.root.empty() ? "" : "root " + base::escape(host.root) + ", ") + "kernel " +
         base::escape(host.kernel) + (host.parallel_container ? ", in a parallel container" : "") +
         ", sandbox " + base::escape(host.sandbox_level) + "), " + base::escape(report.started) +
         "\n";
  out += paint(counted(report.targets.size(), "target") + ", " +
                   counted(report.findings.size(), "finding") + severity_counts(report.findings),
               Tone::kHeading, style);
  out += "\n";
  if (!report.complete) {
    out += paint("incomplete", Tone::kWarning, style) +
           ": not everything could be looked at; see the coverage and the gaps\n";
  }
}

/// How a plugin is called beside its rules, and with --rule: the last part of its id while no other
/// plugin of the report ends the same way.
class PluginNames {
 public:
  explicit PluginNames(const std::vector<finding::PluginEntry>& plugins) {
    for (const auto& plugin : plugins) ++uses_[last_part(plugin.id)];
  }
  std::string brief(const std::string& id) const {
    const auto use = uses_.find(last_part(id));
    const bool unique = use != uses_.end() && use->second == 1;
    return base::escape(unique ? last_part(id) : std::string_view(id));
  }

 private:
  static std::string_view last_part(std::string_view id) { return id.substr(id.rfind('.') + 1); }
  std::map<std::string_view, std::size_t> uses_;
};

std::string place_text(const finding::Location& location) {
  std::string out = base::escape(location.path.empty() ? location.field : location.path);
  if (out.empty()) out = "-";
  if (location.line != 0) out += ":" + std::to_string(location.line);
  if (!location.path.empty() && !location.field.empty()) out += "  " + base::escape(location.field);
  if (location.layer) {
    out += "  layer " + std::to_string(location.layer->index) + " (" +
           short_id(location.layer->id) + ")";
  }
  switch (location.visibility) {
    case finding::Visibility::kVisible:
      return out + "  visible";
    case finding::Visibility::kShadowed:
      return out + "  deleted or overwritten later";
    case finding::Visibility::kNone:
      break;
  }
  return out;
}

std::string evidence_text(const finding::Evidence& evidence) {
  std::string out = clipped(base::escape(evidence.text), kEvidenceColumns) + "  (";
  if (evidence.redacted) out += "redacted, ";
  return out + counted(evidence.length, "byte") + ")";
}

void append_finding(std::string& out, const FindingEntry& finding, const PluginNames& plugins,
                    Style style) {
  const std::string line = std::string(kMargin);
  out +=
      "  " + paint(padded(finding::to_text(finding.severity), 8), tone_of(finding.severity), style);
  out += "  " + plugins.brief(finding.plugin) + "/" + base::escape(finding.rule) + "  " +
         place_text(finding.location) + "\n";
  std::string words = base::escape(finding.title);
  if (!words.empty() && !finding.message.empty()) words += ": ";
  words += base::escape(finding.message);
  if (finding.confidence == finding::Confidence::kLow) words += " (low confidence)";
  if (!words.empty()) out += line + words + "\n";
  if (finding.evidence) out += line + evidence_text(*finding.evidence) + "\n";
  const std::size_t shown = std::min(finding.occurrences.size(), kPlacesListed);
  for (std::size_t i = 0; i < shown; ++i) {
    out += line + "also " + place_text(finding.occurrences[i]) + "\n";
  }
  if (finding.occurrences.size() > shown) {
    out += line.substr(2) + more_line(finding.occurrences.size() - shown);
  }
  if (!finding.group.empty()) {
    out += line + "the same secret wherever it says " + base::escape(finding.group) + "\n";
  }
  if (!finding.remediation.empty()) {
    out += line + "mend: " + base::escape(finding.remediation) + "\n";
  }
}

struct TargetFindings {
  std::string heading;
  std::vector<const FindingEntry*> findings;  // worst first
};

std::string heading_of(const finding::TargetEntry& target) {
  std::string out =
      base::escape(target.kind) + " " + joined(target.names, "<none>") + " (" + short_id(target.id);
  if (!target.state.empty()) out += ", " + base::escape(target.state);
  if (target.overlay_markers_incomplete) out += ", overlay markers incomplete";
  return out + ")";
}

/// Targets with findings, the one with the worst finding first, else in the report's order.
std::vector<TargetFindings> by_target(const finding::Report& report) {
  std::vector<TargetFindings> groups;
  std::map<std::string_view, std::size_t> place;
  for (const auto& target : report.targets) {
    place.emplace(target.id, groups.size());
    groups.push_back({heading_of(target), {}});
  }
  for (const FindingEntry& finding : report.findings) {
    const auto [entry, is_new] = place.emplace(finding.target, groups.size());
    if (is_new) groups.push_back({short_id(finding.target), {}});
    groups[entry->second].findings.push_back(&finding);
  }
  const auto has_none = [](const TargetFindings& group) { return group.findings.empty(); };
  groups.erase(std::remove_if(groups.begin(), groups.end(), has_none), groups.end());
  for (TargetFindings& group : groups) {
    std::stable_sort(group.findings.begin(), group.findings.end(),
                     [](const auto* a, const auto* b) { return a->severity > b->severity; });
  }
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return a.findings.front()->severity > b.findings.front()->severity;
  });
  return groups;
}

void append_findings(std::string& out, const finding::Report& report, Style style) {
  const PluginNames plugins(report.plugins);
  for (const TargetFindings& group : by_target(report)) {
    out += "\n" + paint(group.heading, Tone::kHeading, style) + ": " +
           counted(group.findings.size(), "finding") + "\n";
    for (const FindingEntry* finding : group.findings) {
      append_finding(out, *finding, plugins, style);
    }
  }
}

bool is_incomplete(const finding::CoverageEntry& pair) {
  return pair.result != finding::PairResult::kSkipped && (!pair.complete || pair.gaps > 0);
}

/// "clean (incomplete: 3)", never just "clean" where something was not looked at.
std::string result_text(const finding::CoverageEntry& pair) {
  std::string out = finding::to_text(pair.result);
  if (pair.gaps > 0) {
    out += " (incomplete: " + std::to_string(pair.gaps) + ")";
  } else if (is_incomplete(pair) && pair.result != finding::PairResult::kError) {
    out += " (incomplete)";
  }
  if (!pair.reason.empty()) out += ": " + base::escape(pair.reason);
  return out;
}

std::string tally_text(const finding::CoverageEntry& pair) {
  using finding::PairResult;
  const char* suffix = is_incomplete(pair) ? " (incomplete)" : "";
  if (pair.result == PairResult::kFindings) return std::string("with findings") + suffix;
  if (pair.result == PairResult::kClean) return std::string("clean") + suffix;
  return finding::to_text(pair.result);
}

void append_coverage(std::string& out, const finding::Report& report, Style style) {
  const TargetNames names(report.targets);
  out += "\n" + paint("Coverage", Tone::kHeading, style) + ": " +
         counted(report.coverage.size(), "pair") + " of target and plugin\n";
  if (report.coverage.empty()) out += "  no plugin looked at any target\n";
  std::map<std::string, std::map<std::string, std::size_t>> tallies;
  for (const auto& pair : report.coverage) ++tallies[pair.plugin][tally_text(pair)];
  for (const auto& [plugin, counts] : tallies) {
    std::string line;
    for (const auto& [words, count] : counts) {
      line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + words;
    }
    out += "  " + base::escape(plugin) + ": " + line + "\n";
  }
  std::size_t found = 0;
  for (const auto& pair : report.coverage) {
    if (!is_incomplete(pair) && pair.result != finding::PairResult::kError) continue;
    if (++found > kListed) continue;
    const bool failed = pair.result == finding::PairResult::kError;
    out += "  " + names.brief(pair.target) + "  " + base::escape(pair.plugin) + "  " +
           paint(result_text(pair), failed ? Tone::kBad : Tone::kWarning, style) + "\n";
  }
  if (found > kListed) out += more_line(found - kListed);
}

void append_statistics(std::string& out, const finding::Statistics& s) {
  out += "\n" + counted(s.targets, "target") + ", " + counted(s.layers, "layer") + " (" +
         std::to_string(s.layers_unique) + " unique, " + std::to_string(s.layers_cached) +
         " from the cache), " + counted(s.files, "file") + " (" + std::to_string(s.files_opened) +
         " opened), " + size_text(s.bytes_read) + " read, " + seconds_text(s.seconds) +
         " seconds\n";
}

}  // namespace

std::string report_table(const finding::Report& report, Style style) {
  std::string out;
  append_header(out, report, style);
  append_findings(out, report, style);
  append_coverage(out, report, style);
  append_gaps(out, report, style);
  append_statistics(out, report.statistics);
  return out;
}

}  // namespace meridian::report
