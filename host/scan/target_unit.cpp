// SPDX-License-Identifier: Apache-2.0
#include "scan/target_unit.hpp"

#include <algorithm>
#include <tuple>

#include "rootfs/failed_tree.hpp"
#include "rootfs/memory_tree.hpp"
#include "scan/file_visitor.hpp"

namespace meridian::scan {

std::shared_ptr<const rootfs::LayeredTree> merged_tree(const std::vector<model::Layer>& layers,
                                                       const PlannedTarget& target,
                                                       const std::vector<LayerResult>& results,
                                                       Lost lost) {
  std::vector<rootfs::StackedLayer> stack;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerResult& result = results[target.units[i]];
    auto tree = result.tree;
    if (!tree && lost == Lost::kEmpty) tree = std::make_shared<rootfs::MemoryTree>();
    if (!tree) {
      tree = std::make_shared<rootfs::FailedTree>(
          result.failure
              ? *result.failure
              : Error(ErrorCode::kCancelled,
                      "layer " + layers[i].name() + " was not reached before the scan ended"));
    }
    stack.push_back({std::move(tree), layers[i].dialect});
  }
  return std::make_shared<rootfs::LayeredTree>(std::move(stack));
}

rootfs::MergedNames merged_names(const PlannedTarget& target,
                                 const std::vector<LayerResult>& results) {
  std::vector<const std::vector<rootfs::Redirect>*> redirects;
  for (const std::size_t unit : target.units) redirects.push_back(&results[unit].redirects);
  return rootfs::MergedNames(redirects);
}

const std::optional<rootfs::Origin>& VisibilityLookup::find(const rootfs::RootfsPath& path) {
  const auto [known, is_new] = origins_.try_emplace(path);
  if (is_new) {
    auto found = tree_.origin(path);
    if (found) {
      known->second = *std::move(found);
    } else if (found.error().code() != ErrorCode::kNotFound) {
      known_->is_doubtful = true;
    }
  }
  return known->second;
}

std::optional<std::size_t> VisibilityLookup::origin(const std::string& path) {
  const auto [known, is_new] = known_->origins.try_emplace(path);
  const auto parsed = rootfs::RootfsPath::parse(path);
  if (!is_new || !parsed) return known->second;
  known_->is_new = true;
  if (const auto& found = find(*parsed)) known->second = found->entry.layer;
  return known->second;
}

const std::vector<std::string>& VisibilityLookup::shown_at(const std::string& path,
                                                           std::size_t layer) {
  const auto [known, is_new] = known_->shown.try_emplace({path, layer});
  const auto parsed = rootfs::RootfsPath::parse(path);
  if (!is_new || !parsed) return known->second;
  known_->is_new = true;
  const rootfs::Place place{layer, *parsed};
  for (const rootfs::RootfsPath& name : names_.of(*parsed, layer)) {
    const auto& found = find(name);
    if (found && (found->entry == place || found->content == place)) {
      known->second.push_back(name.text());
    }
  }
  return known->second;
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
        static const std::vector<std::string> kNowhere;
        const auto& shown = fact.path.empty() ? kNowhere : lookup.shown_at(fact.path, layer);
        const bool visible = fact.path.empty() || !shown.empty();
        facts.push_back({static_cast<std::uint32_t>(layer), visible, set.plugins[writer]->id,
                         fact.key, shown.empty() ? fact.path : shown.front(), fact.value});
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

plugin::TargetFacts facts_of(const store::Collection& collection, const PlannedTarget& target) {
  const model::Inventory& inventory = collection.inventory();
  if (target.kind == TargetKind::kHost) return plugin::describe(*inventory.host);
  const std::vector<model::Layer>& layers = layers_of(inventory, target);
  const auto check = [&collection, &layers](std::size_t i) {
    return collection.check_content(layers[i]);
  };
  if (target.kind == TargetKind::kImage) {
    plugin::TargetFacts facts = plugin::describe(inventory.images[target.index]);
    facts.check_content = check;
    return facts;
  }
  const model::Container& container = inventory.containers[target.index];
  plugin::TargetFacts facts = plugin::describe(container);
  facts.check_content = check;
  facts.processes = [&collection, &container] { return collection.processes(container); };
  return facts;
}

/// The host's own files are not shown to plugins.
std::shared_ptr<const rootfs::LayeredTree> no_tree() {
  return std::make_shared<rootfs::LayeredTree>(
      std::vector<rootfs::StackedLayer>{{std::make_shared<rootfs::FailedTree>(Error(
                                             ErrorCode::kUnsupported, "a host has no tree here")),
                                         model::MarkerDialect::kTar}});
}

/// A merged tree's look-ups, which keep it open.
struct LookUps {
  static std::shared_ptr<plugin::TargetTree> over(std::shared_ptr<const rootfs::LayeredTree> tree) {
    const auto made = std::make_shared<LookUps>(std::move(tree));
    return {made, &made->look_ups};
  }
  explicit LookUps(std::shared_ptr<const rootfs::LayeredTree> open)
      : tree(std::move(open)), look_ups(*tree) {}

  std::shared_ptr<const rootfs::LayeredTree> tree;
  plugin::LayeredTargetTree look_ups;
};

class MergedVisitor final : public FileVisitor {
 public:
  MergedVisitor(const lane::PluginSet& set, const Options& options, const base::Cancel& cancel,
                const rootfs::LayeredTree& tree, lane::Run& run)
      : FileVisitor(*set.merged, run, options, cancel), tree_(tree) {}

  void problem(const rootfs::RootfsPath& path, const Error& error) override {
    run_.merged_gap(
        {finding::gap_kind(error.code()), "", "", path.text(), error.message(), "", ""});
  }

 private:
  bool met(const rootfs::RootfsPath&, const rootfs::Stat&, Opener&) override { return true; }
  void wanted(const lane::FileItem& item) override {
    const lane::FileName& name = item.names.front();  // a merged walk meets each by itself
    const auto origin = tree_.origin(*name.path);
    if (!origin) return unreadable(*name.wanted, *name.path, origin.error());
    run_.merged_file(static_cast<std::uint32_t>(origin->entry.layer), item);
  }
  void unreadable(const plugin::Wanted& who, const rootfs::RootfsPath& path,
                  const Error& error) override {
    run_.unreadable(who, path.text(), error);
  }

  const rootfs::LayeredTree& tree_;
};

}  // namespace

void scan_target(const store::Collection& collection, const PlannedTarget& target,
                 const std::vector<LayerResult>& results, const lane::PluginSet& set,
                 const Options& options, const base::Cancel& cancel, lane::Run& run,
                 TargetResult& result) {
  const std::vector<model::Layer>& layers = layers_of(collection.inventory(), target);
  result.tree = merged_tree(layers, target, results, Lost::kEmpty);
  const bool is_host = target.kind == TargetKind::kHost;
  const auto shown = is_host ? no_tree() : merged_tree(layers, target, results, Lost::kError);
  run.target({facts_of(collection, target), LookUps::over(shown)});
  if (set.merged && !is_host) {
    MergedVisitor visitor(set, options, cancel, *shown, run);
    if (auto walked = shown->walk(visitor); !walked) {
      result.failure = std::move(walked).error();
    }
    if (cancel.stopped()) {
      result.end = UnitEnd::kInterrupted;
      return;
    }
  }
  VisibilityLookup lookup(*result.tree, merged_names(target, results), result.sightings);
  std::vector<std::vector<plugin::FactView>> facts(set.plugins.size());
  for (std::size_t i = 0; i < set.plugins.size(); ++i) {
    if (set.plugins[i]->subscriptions.target_done) {
      facts[i] = facts_for(i, target, results, set, lookup);
    }
  }
  run.target_done(facts);
  result.end = UnitEnd::kDone;
}

}  // namespace meridian::scan
