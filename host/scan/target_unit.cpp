// SPDX-License-Identifier: Apache-2.0
#include "scan/target_unit.hpp"

#include <algorithm>
#include <tuple>

#include "rootfs/memory_tree.hpp"

namespace meridian::scan {

std::shared_ptr<const rootfs::LayeredTree> merged_tree(const std::vector<model::Layer>& layers,
                                                       const PlannedTarget& target,
                                                       const std::vector<LayerResult>& results) {
  std::vector<rootfs::StackedLayer> stack;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    auto tree = results[target.units[i]].tree;
    if (!tree) tree = std::make_shared<rootfs::MemoryTree>();
    stack.push_back({std::move(tree), layers[i].dialect});
  }
  return std::make_shared<rootfs::LayeredTree>(std::move(stack));
}

std::optional<std::size_t> VisibilityLookup::origin(const std::string& path) {
  const auto known = origins_.find(path);
  if (known != origins_.end()) return known->second;
  std::optional<std::size_t> layer;
  if (auto parsed = rootfs::RootfsPath::parse(path)) {
    if (auto found = tree_.origin(*parsed)) layer = *found;
  }
  return origins_[path] = layer;
}

bool VisibilityLookup::visible(const std::string& path, std::size_t layer) {
  return origin(path) == layer;
}

bool is_schema_id(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == key.size()) return false;
  return std::all_of(key.begin() + static_cast<std::ptrdiff_t>(slash) + 1, key.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

namespace {

/// Facts that plugin `reader` may read: its own, and others' under a schema id.
std::vector<plugin::FactView> facts_for(std::size_t reader, const PlannedTarget& target,
                                        const std::vector<LayerResult>& results,
                                        const lane::PluginSet& set, VisibilityLookup& lookup) {
  std::vector<plugin::FactView> facts;
  for (std::size_t layer = 0; layer < target.units.size(); ++layer) {
    const LayerResult& result = results[target.units[layer]];
    for (std::size_t writer = 0; writer < result.outputs.size(); ++writer) {
      for (const finding::RawFact& fact : result.outputs[writer].facts) {
        if (writer != reader && !is_schema_id(fact.key)) continue;
        const bool visible = fact.path.empty() || lookup.visible(fact.path, layer);
        facts.push_back({static_cast<std::uint32_t>(layer), visible, set.plugins[writer]->id(),
                         fact.key, fact.path, fact.value});
      }
    }
  }
  // Within a layer the walk's order is not promised, so it must not show.
  std::stable_sort(facts.begin(), facts.end(), [](const auto& a, const auto& b) {
    return std::tie(a.layer_index, a.path, a.key, a.plugin, a.value) <
           std::tie(b.layer_index, b.path, b.key, b.plugin, b.value);
  });
  return facts;
}

}  // namespace

void scan_target(const model::Inventory& inventory, const PlannedTarget& target,
                 const std::vector<LayerResult>& results, const lane::PluginSet& set,
                 const rootfs::LayeredTree& tree, lane::Run& run) {
  plugin::TargetView view(target.kind == TargetKind::kImage
                              ? plugin::describe(inventory.images[target.index])
                              : plugin::describe(inventory.containers[target.index]),
                          tree);
  run.target(view);
  VisibilityLookup lookup(tree);
  std::vector<std::vector<plugin::FactView>> facts(set.plugins.size());
  for (std::size_t i = 0; i < set.plugins.size(); ++i) {
    if (set.plugins[i]->subscriptions().target_done) {
      facts[i] = facts_for(i, target, results, set, lookup);
    }
  }
  run.target_done(view, facts);
}

}  // namespace meridian::scan
