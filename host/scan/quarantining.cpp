// SPDX-License-Identifier: Apache-2.0
#include "scan/quarantining.hpp"

#include <algorithm>
#include <utility>

#include "scan/integrity.hpp"

namespace meridian::scan {

namespace {

plugin::PluginKey key_of(const plugin::PluginFacts& plugin) {
  return {plugin.id, plugin.digest, plugin.rules_digest};
}

void add_faults(const std::vector<finding::UnitOutput>& outputs, const std::string& content,
                const lane::PluginSet& set, std::chrono::milliseconds limit,
                std::vector<plugin::QuarantineRecord>& records) {
  if (content.empty()) return;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const finding::UnitOutput& output = outputs[i];
    if (!output.broke || set.plugins[i]->digest.empty()) continue;
    plugin::QuarantineRecord record;
    record.plugin = key_of(*set.plugins[i]);
    record.content = content;
    record.kind = output.error_kind;
    record.message = output.reason;
    if (output.error_kind == finding::GapKind::kTimeout) record.limit = limit;
    records.push_back(std::move(record));
  }
}

}  // namespace

bool is_trusted(const model::Layer& layer, const LayerResult& result) {
  const bool other = result.decoded_digest && layer.diff_id &&
                     layer.diff_id->text() != *result.decoded_digest;  // of another algorithm too
  return result.end == UnitEnd::kDone && !other &&
         !integrity_fault(layer, result.stored_digest, result.decoded_digest);
}

std::string content_of(const model::Layer& layer) {
  return layer.diff_id ? layer.diff_id->text() : std::string();
}

std::string content_of(const model::Inventory& inventory, const PlannedTarget& target) {
  if (target.kind != TargetKind::kImage) return "";
  const std::string& id = inventory.images[target.index].id;
  return model::Digest::parse(id) ? id : std::string();
}

std::string quarantine_reason(const plugin::Quarantine& quarantine,
                              const plugin::QuarantineRecord& record) {
  return plugin::to_text(record) + "; to run it again: " + quarantine.clear_command(record);
}

lane::LeftOut left_out(const lane::PluginSet& set, const plugin::Quarantine& quarantine,
                       const std::string& content) {
  lane::LeftOut left_out;
  if (content.empty() || quarantine.records().empty()) return left_out;
  for (std::uint32_t i = 0; i < set.plugins.size(); ++i) {
    const auto* const record = quarantine.find(key_of(*set.plugins[i]), content);
    if (record == nullptr) continue;
    finding::UnitOutput& output = left_out[i];
    output.result = finding::UnitResult::kError;
    output.error_kind = finding::GapKind::kQuarantined;
    output.reason = quarantine_reason(quarantine, *record);
    output.gaps.push_back({finding::GapKind::kQuarantined, "", "", "",
                           "kept from " + content + ": " + plugin::to_text(*record),
                           quarantine.clear_command(*record), ""});
  }
  return left_out;
}

std::vector<plugin::QuarantineRecord> faults_of(const model::Inventory& inventory, const Plan& plan,
                                                const lane::PluginSet& set, const Results& results,
                                                std::chrono::milliseconds limit) {
  std::vector<plugin::QuarantineRecord> records;
  for (std::size_t i = 0; i < plan.units.size(); ++i) {
    const LayerResult& layer = results.layers[i];
    if (!is_trusted(plan.units[i], layer)) continue;
    add_faults(layer.outputs, content_of(plan.units[i]), set, limit, records);
  }
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    const PlannedTarget& target = plan.targets[i];
    const std::vector<model::Layer>& layers = layers_of(inventory, target);
    // An archive's image has the id of its config, whose layers these must be, each of them.
    bool trusted = results.targets[i].end == UnitEnd::kDone && !layers.empty();
    if (target.kind == TargetKind::kImage) {
      const auto& diff_ids = inventory.images[target.index].config.diff_ids;
      trusted = trusted &&
                std::equal(layers.begin(), layers.end(), diff_ids.begin(), diff_ids.end(),
                           [](const auto& layer, const auto& id) { return layer.diff_id == id; });
    }
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      trusted = trusted && is_trusted(layers[layer], results.layers[target.units[layer]]);
    }
    if (!trusted) continue;
    add_faults(results.targets[i].outputs, content_of(inventory, target), set, limit, records);
  }
  return records;
}

}  // namespace meridian::scan
