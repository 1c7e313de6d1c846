// SPDX-License-Identifier: Apache-2.0
#include "scan/cache/cached_scan.hpp"

#include <algorithm>
#include <utility>

#include "scan/cache/rows.hpp"
#include "scan/cache/unopened_tree.hpp"
#include "scan/quarantining.hpp"
#include "scan/target_unit.hpp"

namespace meridian::scan {

namespace {

/// All outputs, if each plugin either is among the known or would not have been called.
template <typename Wants>
std::optional<std::vector<finding::UnitOutput>> all_outputs(const lane::PluginSet& set,
                                                            const lane::LeftOut& known,
                                                            const Wants& wants) {
  std::vector<finding::UnitOutput> outputs(set.plugins.size());
  for (std::uint32_t i = 0; i < set.plugins.size(); ++i) {
    const auto found = known.find(i);
    if (found == known.end() && wants(set.plugins[i]->subscriptions)) return std::nullopt;
    if (found != known.end()) outputs[i] = found->second;
  }
  return outputs;
}

/// The digest of what is stored, before it was read: the one that names the blob, or that of a
/// layer that is stored as it is.
std::string stored_by_claim(const model::Layer& layer) {
  return layer.digest ? layer.digest->text() : layer.diff_id->text();
}

Scrubber secrets_of(const std::vector<finding::UnitOutput>& outputs, const Seal& seal) {
  Scrubber secrets(&seal);
  for (const finding::UnitOutput& output : outputs) {
    for (const finding::RawFinding& found : output.findings) secrets.add(found);
  }
  return secrets;
}

}  // namespace

CachedScan::CachedScan(CacheContext context)
    : context_(context),
      seal_(*context_.store.seal()),
      layers_(context_.plan.units.size()),
      recalled_(context_.plan.units.size()),
      targets_(context_.plan.targets.size()) {
  for (const auto& plugin : context_.set.plugins) {
    const auto found =
        std::find_if(context_.identities.begin(), context_.identities.end(),
                     [&](const PluginIdentity& identity) { return identity.id == plugin->id; });
    const bool kept = found != context_.identities.end() && found->is_pure;
    identities_.push_back(kept ? &*found : nullptr);
  }
}

lane::LeftOut CachedScan::kept_out(const std::string& content) const {
  if (context_.quarantine == nullptr) return {};
  return left_out(context_.set, *context_.quarantine, content);
}

std::optional<finding::UnitOutput> CachedScan::read_output(const CacheKey& key,
                                                           std::size_t plugin) {
  auto kept = context_.store.read<KeptOutput>(key);
  if (!kept) return std::nullopt;
  return scan::recall(*std::move(kept), *context_.set.plugins[plugin]);
}

void CachedScan::recall() {
  for (std::size_t unit = 0; unit < layers_.size(); ++unit) recall_layer(unit);
  for (std::size_t number = 0; number < targets_.size(); ++number) {
    const auto& units = context_.plan.targets[number].units;
    const bool ready = std::all_of(units.begin(), units.end(),
                                   [&](std::size_t unit) { return layers_[unit].whole; });
    if (ready) recall_target(number, recalled_);
  }
}

bool CachedScan::is_whole() const {
  return std::all_of(layers_.begin(), layers_.end(), [](const auto& one) { return one.whole; }) &&
         std::all_of(targets_.begin(), targets_.end(),
                     [](const auto& one) { return one.whole.has_value(); });
}

/// Of the plugins that want layers: who is kept from it, and who spoke of it.
lane::LeftOut CachedScan::known_outputs(const model::Layer& layer, const std::string& content) {
  lane::LeftOut known = kept_out(content_of(layer));
  for (std::uint32_t i = 0; i < identities_.size(); ++i) {
    if (identities_[i] == nullptr || known.contains(i)) continue;
    if (!context_.set.plugins[i]->subscriptions.wants_layers()) continue;
    auto output = read_output(
        layer_output_key(seal_, context_.circumstances, *identities_[i], content, layer), i);
    if (output) known.emplace(i, *std::move(output));
  }
  return known;
}

void CachedScan::recall_layer(std::size_t unit) {
  const model::Layer& layer = context_.plan.units[unit];
  LayerKnowledge& knowledge = layers_[unit];
  if (layer.kind != model::LayerKind::kImage || !layer.diff_id || layer.missing) return;
  auto witness = context_.collection.witness(layer);
  if (!witness) return;
  std::optional<LayerResult> recalled;
  // What changes within the same tick would go unnoticed.
  if (witness->is_settled()) {
    auto row = context_.store.read<KeptLayer>(
        layer_key(seal_, context_.circumstances, layer, witness->text()));
    if (row) recalled = scan::recall(*std::move(row));
    knowledge.witness = *witness;
  }
  if (!recalled) {
    // Never seen here. It may be one that was seen elsewhere, which its hash will say.
    if (!witness->is_hashed()) return;
    knowledge.known = known_outputs(
        layer, content_name(layer, layer.diff_id->text(), stored_by_claim(layer), ""));
    knowledge.is_provisional = true;
    return;
  }
  const std::string content =
      content_name(layer, recalled->decoded_digest, recalled->stored_digest, witness->text());
  if (content.empty()) return;
  lane::LeftOut known = known_outputs(layer, content);
  auto outputs = all_outputs(context_.set, known, [](const plugin::Subscriptions& wishes) {
    return wishes.wants_layers();
  });
  if (!outputs) {
    knowledge.known = std::move(known);
    return;
  }
  knowledge.content = content;
  recalled->outputs = *std::move(outputs);
  recalled->tree = std::make_shared<UnopenedTree>(
      [&collection = context_.collection, &layer] { return collection.open_layer(layer); });
  recalled_[unit] = *std::move(recalled);
  knowledge.whole = true;
}

bool CachedScan::was_misled(std::size_t unit, const LayerResult& result) {
  LayerKnowledge& knowledge = layers_[unit];
  const model::Layer& layer = context_.plan.units[unit];
  if (!std::exchange(knowledge.is_provisional, false) || knowledge.known.empty()) return false;
  if (result.end == UnitEnd::kDone && result.decoded_digest == layer.diff_id->text() &&
      result.stored_digest == stored_by_claim(layer)) {
    return false;
  }
  knowledge.known.clear();
  return true;
}

std::optional<LayerResult> CachedScan::take_layer(std::size_t unit) {
  if (!std::exchange(layers_[unit].whole, false)) return std::nullopt;
  return std::move(recalled_[unit]);
}

std::optional<TargetResult> CachedScan::take_target(std::size_t number) {
  return std::exchange(targets_[number].whole, std::nullopt);
}

std::vector<std::string> CachedScan::contents_of(const PlannedTarget& target) const {
  std::vector<std::string> contents;
  for (const std::size_t unit : target.units) {
    if (layers_[unit].content.empty()) return {};
    contents.push_back(layers_[unit].content);
  }
  return contents;
}

const lane::LeftOut& CachedScan::know_of_target(std::size_t number,
                                                const std::vector<LayerResult>& layers) {
  if (!targets_[number].asked) recall_target(number, layers);
  return targets_[number].known;
}

/// Only images: a container runs on while it is looked at.
void CachedScan::recall_target(std::size_t number, const std::vector<LayerResult>& layers) {
  const PlannedTarget& target = context_.plan.targets[number];
  const model::Inventory& inventory = context_.collection.inventory();
  TargetKnowledge& knowledge = targets_[number];
  knowledge.asked = true;
  knowledge.known = kept_out(content_of(inventory, target));
  if (target.kind == TargetKind::kImage) knowledge.contents = contents_of(target);
  if (!knowledge.contents.empty()) {
    auto seen = context_.store.read<KeptSightings>(
        sightings_key(seal_, context_.circumstances, knowledge.contents));
    if (seen) {
      knowledge.sightings->shown = std::move(seen->shown);
      knowledge.sightings->origins = std::move(seen->origins);
      knowledge.sightings->clean = std::move(seen->clean);
    }
    const std::string model = model_digest(inventory.images[target.index]);
    knowledge.keys.resize(identities_.size());
    for (std::uint32_t i = 0; i < identities_.size(); ++i) {
      const plugin::Subscriptions& wishes = context_.set.plugins[i]->subscriptions;
      if (identities_[i] == nullptr || !wishes.wants_targets()) continue;
      const std::string facts =
          wishes.target_done ? facts_digest(i, target, layers, context_.set) : std::string();
      knowledge.keys[i] = image_output_key(seal_, context_.circumstances, *identities_[i],
                                           knowledge.contents, model, facts);
      if (knowledge.known.contains(i)) continue;
      auto output = read_output(knowledge.keys[i], i);
      if (output) knowledge.known.emplace(i, *std::move(output));
    }
  }
  auto outputs =
      all_outputs(context_.set, knowledge.known,
                  [](const plugin::Subscriptions& wishes) { return wishes.wants_targets(); });
  if (!outputs) return;
  TargetResult whole;
  whole.end = UnitEnd::kDone;
  whole.outputs = *std::move(outputs);
  whole.sightings = knowledge.sightings;
  whole.tree = merged_tree(layers_of(inventory, target), target, layers, Lost::kEmpty);
  knowledge.whole = std::move(whole);
}

void CachedScan::keep_layer(std::size_t unit, const LayerResult& result) {
  const model::Layer& layer = context_.plan.units[unit];
  LayerKnowledge& knowledge = layers_[unit];
  if (!knowledge.witness || !result.tree || result.tree->marker_gap() != nullptr ||
      !is_trusted(layer, result)) {
    return;
  }
  const auto after = context_.collection.witness(layer);
  if (!after || after->text() != knowledge.witness->text()) return;
  const std::string& witness = knowledge.witness->text();
  const std::string content =
      content_name(layer, result.decoded_digest, result.stored_digest, witness);
  if (content.empty()) return;
  knowledge.content = content;
  auto batch = context_.store.batch();
  batch.add(layer_key(seal_, context_.circumstances, layer, witness), keep(result));
  const Scrubber secrets = secrets_of(result.outputs, seal_);
  for (std::uint32_t i = 0; i < result.outputs.size(); ++i) {
    if (identities_[i] == nullptr || knowledge.known.contains(i)) continue;
    if (!context_.set.plugins[i]->subscriptions.wants_layers()) continue;
    if (const auto kept = keep(result.outputs[i], secrets, seal_)) {
      batch.add(layer_output_key(seal_, context_.circumstances, *identities_[i], content, layer),
                *kept);
    }
  }
  context_.store.write(batch);
}

void CachedScan::keep_target(std::size_t number, const TargetResult& result,
                             const std::vector<LayerResult>& layers) {
  const TargetKnowledge& knowledge = targets_[number];
  if (knowledge.contents.empty() || result.end != UnitEnd::kDone || result.failure) return;
  Scrubber secrets = secrets_of(result.outputs, seal_);
  for (const std::size_t unit : context_.plan.targets[number].units) {
    for (const finding::UnitOutput& output : layers[unit].outputs) {
      for (const finding::RawFinding& found : output.findings) secrets.add(found);
    }
  }
  auto batch = context_.store.batch();
  for (std::uint32_t i = 0; i < result.outputs.size(); ++i) {
    if (identities_[i] == nullptr || knowledge.known.contains(i)) continue;
    if (!context_.set.plugins[i]->subscriptions.wants_targets()) continue;
    if (const auto kept = keep(result.outputs[i], secrets, seal_)) {
      batch.add(knowledge.keys[i], *kept);
    }
  }
  context_.store.write(batch);
}

void CachedScan::keep_sightings(const Results& results) {
  for (std::size_t number = 0; number < targets_.size(); ++number) {
    const Sightings& seen = *results.targets[number].sightings;
    const TargetKnowledge& knowledge = targets_[number];
    if (knowledge.contents.empty() || !seen.is_new || seen.is_doubtful) continue;
    auto batch = context_.store.batch();
    batch.add(sightings_key(seal_, context_.circumstances, knowledge.contents),
              KeptSightings{seen.shown, seen.origins, seen.clean});
    context_.store.write(batch);
  }
}

}  // namespace meridian::scan
