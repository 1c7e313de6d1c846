// SPDX-License-Identifier: Apache-2.0
#include "scan/target_projection.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <tuple>

#include "scan/fingerprint.hpp"
#include "scan/integrity.hpp"
#include "scan/seal.hpp"
#include "scan/target_entry.hpp"
#include "scan/target_unit.hpp"

namespace meridian::scan {

namespace {

/// A raw finding with its place in this target.
struct Placed {
  const finding::RawFinding* raw = nullptr;
  int layer = -1;
  std::string path;  // in the merged view if it shows there, else in the layer
  finding::Visibility visibility = finding::Visibility::kNone;
  std::string fingerprint;
};

// What a person looks at first: visible, then the lowest layer, then the place in the file.
auto key(const Placed& p) {
  return std::make_tuple(p.visibility == finding::Visibility::kShadowed, p.layer, p.raw->offset,
                         p.raw->line, p.raw->column, std::cref(p.path));
}

/// Everything that one plugin said about this target, projected.
class PluginProjection {
 public:
  PluginProjection(const plugin::PluginFacts& plugin, const Options& options,
                   const finding::TargetEntry& target, VisibilityLookup& lookup)
      : plugin_(plugin), options_(options), target_(target), lookup_(lookup) {}

  void add_layer(const finding::UnitOutput& output, std::size_t layer) {
    for (const finding::RawFinding& raw : output.findings) {
      if (is_off(raw)) continue;
      const int index = static_cast<int>(layer);
      if (raw.path.empty()) {
        placed_.push_back({&raw, index, "", finding::Visibility::kNone, ""});
        continue;
      }
      const auto& shown = lookup_.shown_at(raw.path, layer);
      for (const std::string& path : shown) {
        placed_.push_back({&raw, index, path, finding::Visibility::kVisible, ""});
      }
      if (shown.empty()) {
        placed_.push_back({&raw, index, raw.path, finding::Visibility::kShadowed, ""});
      }
    }
  }

  void add_target(const finding::UnitOutput& output) {
    for (const finding::RawFinding& raw : output.findings) {
      if (is_off(raw)) continue;
      int layer = raw.layer_index;
      if (layer >= static_cast<int>(target_.layers.size())) layer = -1;
      std::optional<std::size_t> origin;
      if (!raw.path.empty()) origin = lookup_.origin(raw.path);
      if (layer < 0 && origin) layer = static_cast<int>(*origin);
      auto visibility = finding::Visibility::kNone;
      if (!raw.path.empty() && layer >= 0) {
        visibility = origin == static_cast<std::size_t>(layer) ? finding::Visibility::kVisible
                                                               : finding::Visibility::kShadowed;
      }
      placed_.push_back({&raw, layer, raw.path, visibility, ""});
    }
  }

  std::vector<ProjectedFinding> findings() {
    SecretOrdinals ordinals(options_.seal.get());
    for (const Placed& placed : placed_) {
      if (placed.raw->has_secret()) ordinals.add(plugin_.id, *placed.raw, placed.layer);
    }
    std::map<std::string, std::vector<const Placed*>> groups;
    for (Placed& placed : placed_) {
      placed.fingerprint = scan::fingerprint(plugin_.id, *placed.raw, ordinals);
      groups[placed.fingerprint].push_back(&placed);
    }
    std::vector<ProjectedFinding> result;
    for (auto& [fingerprint, group] : groups) {
      std::sort(group.begin(), group.end(),
                [](const Placed* a, const Placed* b) { return key(*a) < key(*b); });
      result.push_back(project(fingerprint, group));
    }
    return result;
  }

  void add_secrets(Scrubber& scrubber) const {
    for (const Placed& placed : placed_) scrubber.add(*placed.raw);
  }

 private:
  bool is_off(const finding::RawFinding& raw) const {
    const auto found = options_.rules.find(plugin_.id + "/" + raw.rule);
    return found != options_.rules.end() && found->second.off;
  }

  finding::Severity severity(const finding::RawFinding& raw) const {
    const auto found = options_.rules.find(plugin_.id + "/" + raw.rule);
    return found != options_.rules.end() && found->second.severity ? *found->second.severity
                                                                   : raw.severity;
  }

  finding::Location location(const Placed& placed) const {
    finding::Location location;
    location.path = placed.path;
    location.field = placed.raw->field;
    location.line = placed.raw->line;
    location.column = placed.raw->column;
    location.visibility = placed.visibility;
    if (placed.layer >= 0) {
      const auto index = static_cast<std::size_t>(placed.layer);
      location.layer = finding::LayerPlace{index, target_.layers[index].id};
    }
    return location;
  }

  ProjectedFinding project(const std::string& fingerprint,
                           const std::vector<const Placed*>& group) const {
    const finding::RawFinding& raw = *group.front()->raw;
    const plugin::ManifestRule* rule = plugin_.rule(raw.rule);
    ProjectedFinding projected;
    projected.secret = secret_identity(raw, options_.seal.get());
    finding::FindingEntry& entry = projected.entry;
    entry.fingerprint = fingerprint;
    entry.plugin = plugin_.id;
    entry.rule = raw.rule;
    entry.severity = severity(raw);
    entry.confidence = raw.confidence;
    entry.title = rule != nullptr ? rule->title : raw.rule;
    if (rule != nullptr && !rule->help.empty()) entry.references.push_back(rule->help);
    entry.target = target_.id;
    entry.location = location(*group.front());
    for (std::size_t i = 1; i < group.size(); ++i) {
      entry.occurrences.push_back(location(*group[i]));
    }
    add_evidence(raw, entry);
    return projected;
  }

  void add_evidence(const finding::RawFinding& raw, finding::FindingEntry& entry) const {
    const bool hide = raw.has_secret() && options_.secrets == Secrets::kRedact;
    Scrubber scrubber(options_.seal.get());
    if (hide) scrubber.add(raw);
    entry.message = scrubber.scrub(raw.message);
    entry.detail = scrubber.scrub(raw.detail);
    entry.remediation = scrubber.scrub(raw.remediation);
    if (raw.has_secret()) {
      entry.evidence =
          finding::Evidence{"secret", hide ? redacted(raw) : raw.secret, hide, secret_size(raw)};
    } else if (!raw.evidence.empty()) {
      entry.evidence = finding::Evidence{"text", raw.evidence, false, raw.evidence.size()};
    }
  }

  const plugin::PluginFacts& plugin_;
  const Options& options_;
  const finding::TargetEntry& target_;
  VisibilityLookup& lookup_;
  std::vector<Placed> placed_;
};

const char* interruption(base::StopReason reason) {
  switch (reason) {
    case base::StopReason::kDeadline:
      return "the scan's deadline was reached";
    case base::StopReason::kInterrupt:
    case base::StopReason::kTerminate:
      return "the scan was interrupted";
    case base::StopReason::kNone:
      break;
  }
  return "the scan ended early";
}

/// Coverage of one (target, plugin) pair, and its gaps.
class PairCoverage {
 public:
  PairCoverage(const std::string& target, const plugin::PluginFacts& plugin, const Results& results,
               std::vector<finding::Gap>& gaps)
      : plugin_(plugin), results_(results), gaps_(gaps) {
    entry_.target = target;
    entry_.plugin = plugin.id;
  }

  void add_layer(const LayerResult& layer, const finding::UnitOutput* output) {
    if (plugin_.subscriptions.wants_layers()) {
      if (layer.failure) fail(*layer.failure);
      note_end(layer.end, "a layer");
    }
    if (output != nullptr) add_output(*output);
  }

  /// The target as a whole cannot be trusted to be what it says: no plugin's answer is whole.
  void add_doubt(const std::string& reason) { fail(reason); }

  void add_target(const TargetResult& target, const finding::UnitOutput* output) {
    if (target.failure && !plugin_.subscriptions.merged.empty()) fail(*target.failure);
    if (plugin_.subscriptions.wants_targets()) note_end(target.end, "the target itself");
    if (output != nullptr) add_output(*output);
  }

  finding::CoverageEntry finish(bool has_findings, std::uint64_t host_gaps) {
    entry_.gaps += host_gaps;
    entry_.complete = entry_.gaps == 0 && !failed_;
    entry_.milliseconds = microseconds_ / 1000;
    entry_.result = failed_        ? finding::PairResult::kError
                    : has_findings ? finding::PairResult::kFindings
                                   : finding::PairResult::kClean;
    return entry_;
  }

 private:
  void fail(const std::string& reason) {
    if (!failed_) entry_.reason = reason;
    failed_ = true;
  }

  void fail(const Error& why) {
    fail(why.message());
    add_gap({finding::gap_kind(why.code()), "", "", "", why.message(), "", ""});
  }

  void add_gap(finding::Gap gap) {
    ++entry_.gaps;
    gap.plugin = entry_.plugin;
    gap.target = entry_.target;
    gaps_.push_back(std::move(gap));
  }

  void note_end(UnitEnd end, const char* what) {
    if (end != UnitEnd::kNotStarted && end != UnitEnd::kInterrupted) return;
    const std::string reason = std::string(interruption(results_.stopped)) + " before " + what +
                               (end == UnitEnd::kInterrupted ? " was done" : " was begun");
    fail(reason);
    if (!std::exchange(interrupted_, true)) {
      add_gap({finding::GapKind::kInterrupted, "", "", "", reason, "", ""});
    }
  }

  void add_output(const finding::UnitOutput& output) {
    // A named fault of this plugin says more than "interrupted".
    if (output.result == finding::UnitResult::kError) {
      entry_.reason = output.reason;
      failed_ = true;
    }
    entry_.files += output.files;
    entry_.bytes += output.bytes;
    microseconds_ += output.microseconds;
    for (const finding::Gap& gap : output.gaps) add_gap(gap);
  }

  const plugin::PluginFacts& plugin_;
  const Results& results_;
  std::vector<finding::Gap>& gaps_;
  finding::CoverageEntry entry_;
  std::uint64_t microseconds_ = 0;
  bool failed_ = false;
  bool interrupted_ = false;
};

const finding::UnitOutput* output_of(const std::vector<finding::UnitOutput>& outputs,
                                     std::size_t plugin) {
  return plugin < outputs.size() ? &outputs[plugin] : nullptr;
}

auto canonical(const ProjectedFinding& projected) {
  const finding::FindingEntry& entry = projected.entry;
  return std::make_tuple(-static_cast<int>(entry.severity), std::cref(entry.plugin),
                         std::cref(entry.location.path), std::cref(entry.location.field),
                         entry.location.line, entry.location.column, std::cref(entry.rule),
                         std::cref(entry.fingerprint));
}

/// What our own hashing says against the claims that this target makes of its layers. Another
/// target may share a layer and claim something else, so this is no matter of the layer's unit.
void add_integrity_gaps(const model::Inventory& inventory, const PlannedTarget& target,
                        const Results& results, ProjectedTarget& projected) {
  const std::vector<model::Layer>& layers = layers_of(inventory, target);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerResult& result = results.layers[target.units[i]];
    const auto fault = integrity_fault(layers[i], result.stored_digest, result.decoded_digest);
    if (!fault) continue;
    projected.gaps.push_back({finding::GapKind::kIntegrity, "", projected.entry.id,
                              inventory.runtimes[layers[i].store].root + ":" + layers[i].id, *fault,
                              "", ""});
  }
}

/// Layers whose deletions and renames could not be read flag every target that has them.
void add_marker_gaps(const PlannedTarget& target, const Results& results,
                     ProjectedTarget& projected) {
  for (const std::size_t unit : target.units) {
    const auto& tree = results.layers[unit].tree;
    const Error* const why = tree ? tree->marker_gap() : nullptr;
    if (why == nullptr) continue;
    projected.entry.overlay_markers_incomplete = true;
    projected.gaps.push_back({finding::gap_kind(why->code()), "", projected.entry.id, "",
                              why->message(), "run with CAP_SYS_ADMIN in the first user namespace",
                              ""});
  }
}

/// What the store and our own hashing say of each layer, and history cleaned of found secrets.
void finish_layers(const PlannedTarget& target, const Results& results, const Scrubber& secrets,
                   finding::TargetEntry& entry) {
  for (std::size_t i = 0; i < entry.layers.size(); ++i) {
    const LayerResult& result = results.layers[target.units[i]];
    finding::LayerEntry& layer = entry.layers[i];
    if (result.decoded_digest && *result.decoded_digest == layer.diff_id) {
      layer.identity = "verified";
    }
    if (layer.size == 0) layer.size = result.bytes;
    layer.created_by = secrets.scrub(std::move(layer.created_by));
  }
}

/// Cleans facts of found secrets. That they have none of them is remembered: to search for what is
/// not known is slow.
void scrub_facts(const Scrubber& secrets, Sightings& sightings,
                 std::vector<finding::FactEntry>& facts) {
  if (secrets.empty() || facts.empty()) return;
  std::string both = secrets.identity();
  if (!both.empty()) {
    base::Sha256 hash;
    hash.update(both);
    for (const finding::FactEntry& fact : facts) {
      hash.update(std::to_string(fact.data.size()) + ":");
      hash.update(fact.data);
    }
    const base::Sha256Bytes digest = hash.finish();
    both.assign(digest.begin(), digest.end());
    if (both == sightings.clean) return;
  }
  bool changed = false;
  for (finding::FactEntry& fact : facts) {
    std::string data = secrets.scrub(fact.data);
    changed = changed || data != fact.data;
    fact.data = std::move(data);
  }
  if (both.empty() || changed) return;
  sightings.clean = std::move(both);
  sightings.is_new = true;
}

}  // namespace

ProjectedTarget project_target(const model::Inventory& inventory, const Plan& plan,
                               std::size_t number, const lane::PluginSet& set,
                               const Options& options, const Results& results) {
  const PlannedTarget& target = plan.targets[number];
  const TargetResult& own = results.targets[number];
  ProjectedTarget projected;
  projected.entry = target_entry(inventory, target);
  projected.gaps = inventory_gaps(inventory, plan, {projected.entry});
  std::erase_if(projected.gaps, [](const finding::Gap& gap) { return gap.target.empty(); });
  add_integrity_gaps(inventory, target, results, projected);
  add_marker_gaps(target, results, projected);
  const std::uint64_t host_gaps = projected.gaps.size();
  const auto doubt = std::find_if(
      projected.gaps.begin(), projected.gaps.end(),
      [](const finding::Gap& gap) { return gap.kind == finding::GapKind::kIntegrity; });
  const std::string doubted = doubt == projected.gaps.end() ? "" : doubt->message;

  const auto tree =
      own.tree ? own.tree
               : merged_tree(layers_of(inventory, target), target, results.layers, Lost::kEmpty);
  VisibilityLookup lookup(*tree, merged_names(target, results.layers), own.sightings);
  Scrubber secrets(options.seal.get());
  for (std::size_t i = 0; i < set.plugins.size(); ++i) {
    const plugin::PluginFacts& plugin = *set.plugins[i];
    if (target.kind == TargetKind::kHost && !plugin.subscriptions.wants_hosts()) continue;
    PluginProjection projection(plugin, options, projected.entry, lookup);
    PairCoverage pair(projected.entry.id, plugin, results, projected.gaps);
    for (std::size_t layer = 0; layer < target.units.size(); ++layer) {
      const LayerResult& result = results.layers[target.units[layer]];
      const finding::UnitOutput* output = output_of(result.outputs, i);
      if (output != nullptr) projection.add_layer(*output, layer);
      pair.add_layer(result, output);
    }
    const finding::UnitOutput* output = output_of(own.outputs, i);
    if (output != nullptr) {
      projection.add_target(*output);
      for (const finding::RawFact& fact : output->facts) {
        if (!is_schema_id(fact.key)) continue;
        projected.facts.push_back({projected.entry.id, plugin.id, fact.key, fact.value});
      }
    }
    pair.add_target(own, output);
    if (!doubted.empty()) pair.add_doubt(doubted);
    auto findings = projection.findings();
    std::erase_if(findings, [&](const ProjectedFinding& finding) {
      return finding.entry.severity < options.minimum;
    });
    projected.coverage.push_back(pair.finish(!findings.empty(), host_gaps));
    if (options.secrets == Secrets::kRedact) projection.add_secrets(secrets);
    std::move(findings.begin(), findings.end(), std::back_inserter(projected.findings));
  }
  std::sort(projected.findings.begin(), projected.findings.end(),
            [](const auto& a, const auto& b) { return canonical(a) < canonical(b); });
  finish_layers(target, results, secrets, projected.entry);
  scrub_facts(secrets, *own.sightings, projected.facts);
  return projected;
}

}  // namespace meridian::scan
