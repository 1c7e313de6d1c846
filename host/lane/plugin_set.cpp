// SPDX-License-Identifier: Apache-2.0
#include "lane/plugin_set.hpp"

#include <algorithm>
#include <utility>

#include "lane/local_run.hpp"

namespace meridian::lane {

Result<Matchers> Matchers::compile(const std::vector<const plugin::Subscriptions*>& wishes,
                                   plugin::Matcher::What what, plugin::DatabaseShelf* shelf) {
  Matchers made;
  MERIDIAN_TRY(made.layer, plugin::Matcher::compile(wishes, what, shelf));
  // The same matcher, over those wishes that each target's tree answers.
  bool any = false;
  std::vector<plugin::Subscriptions> merged(wishes.size());
  std::vector<const plugin::Subscriptions*> merged_wishes;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    merged[i].files = wishes[i]->merged;
    any = any || !merged[i].files.empty();
    merged_wishes.push_back(&merged[i]);
  }
  if (any) {
    MERIDIAN_TRY(made.merged, plugin::Matcher::compile(merged_wishes, what));
  }
  return made;
}

std::optional<std::size_t> LoadedSet::sole_with_patterns(
    const std::vector<std::unique_ptr<plugin::LoadedPlugin>>& plugins) {
  std::optional<std::size_t> sole;
  for (std::size_t i = 0; i < plugins.size(); ++i) {
    if (plugins[i]->facts().subscriptions.patterns.empty()) continue;
    if (sole) return std::nullopt;
    sole = i;
  }
  return sole;
}

Result<LoadedSet> LoadedSet::make(std::vector<std::unique_ptr<plugin::LoadedPlugin>>& plugins,
                                  plugin::DatabaseShelf* shelf) {
  std::vector<const plugin::Subscriptions*> wishes;
  for (const auto& plugin : plugins) wishes.push_back(&plugin->facts().subscriptions);
  MERIDIAN_TRY(Matchers made, Matchers::compile(wishes, plugin::Matcher::What::kEverything, shelf));
  LoadedSet set;
  set.plugins = std::move(plugins);
  set.matcher = std::move(made.layer);
  set.merged = std::move(made.merged);
  return set;
}

namespace {

/// What a thread needs of its own: buffers for the files of layers, and for those of targets if
/// anybody wants them.
class LocalCrew final : public Crew {
 public:
  static Result<std::unique_ptr<Crew>> make(std::shared_ptr<const LoadedSet> set) {
    auto made = std::make_unique<LocalCrew>();
    MERIDIAN_TRY(made->layer_, set->matcher->make_scanner());
    if (set->merged) {
      MERIDIAN_TRY(made->merged_, set->merged->make_scanner());
    }
    made->set_ = std::move(set);
    return std::unique_ptr<Crew>(std::move(made));
  }

  std::shared_ptr<Run> begin_layer(const LeftOut& left_out) override {
    return begin(layer_.get(), left_out);
  }
  std::shared_ptr<Run> begin_target(const LeftOut& left_out) override {
    return begin(merged_.get(), left_out);
  }

 private:
  std::shared_ptr<Run> begin(plugin::Matcher::Scanner* scanner, const LeftOut& left_out) {
    return std::make_shared<MemoryRun>(*set_, scanner, left_out);
  }

  /// Before the run that writes there.
  struct Recorded {
    MemoryRecorder recorder;
  };
  /// A run with its own recorder, which may be read while a callback hangs.
  class MemoryRun final : private Recorded, public LocalRun {
   public:
    MemoryRun(const LoadedSet& set, plugin::Matcher::Scanner* scanner, const LeftOut& left_out)
        : LocalRun(set, scanner, Recorded::recorder, left_out) {}
    std::optional<InFlight> in_flight() const override { return Recorded::recorder.read(); }
  };

  std::shared_ptr<const LoadedSet> set_;
  std::unique_ptr<plugin::Matcher::Scanner> layer_, merged_;
};

class InProcess final : public Lanes {
 public:
  explicit InProcess(std::shared_ptr<const LoadedSet> set) : set_(std::move(set)) {}
  Result<std::unique_ptr<Crew>> crew(const base::Cancel&) override { return LocalCrew::make(set_); }
  std::vector<finding::Gap> end() override { return {}; }
  std::string sandbox_level() const override { return "none"; }

 private:
  std::shared_ptr<const LoadedSet> set_;
};

class NotStarted final : public Lanes {
 public:
  explicit NotStarted(std::string sandbox) : sandbox_(std::move(sandbox)) {}
  Result<std::unique_ptr<Crew>> crew(const base::Cancel&) override {
    return Error(ErrorCode::kUnsupported, "no plugin was started");
  }
  std::vector<finding::Gap> end() override { return {}; }
  std::string sandbox_level() const override { return sandbox_; }

 private:
  std::string sandbox_;
};

}  // namespace

PluginSet PluginSet::recalled(std::vector<plugin::PluginFacts> plugins, std::string sandbox) {
  PluginSet set;
  for (plugin::PluginFacts& plugin : plugins) {
    set.plugins.push_back(std::make_shared<const plugin::PluginFacts>(std::move(plugin)));
  }
  std::sort(set.plugins.begin(), set.plugins.end(),
            [](const auto& a, const auto& b) { return a->id < b->id; });
  set.lanes = std::make_shared<NotStarted>(std::move(sandbox));
  return set;
}

PluginSet PluginSet::in_process(LoadedSet loaded) {
  const auto shared = std::make_shared<const LoadedSet>(std::move(loaded));
  PluginSet set;
  for (const auto& plugin : shared->plugins) {
    set.plugins.emplace_back(shared, &plugin->facts());
  }
  set.matcher = shared->matcher;
  set.merged = shared->merged;
  set.lanes = std::make_shared<InProcess>(shared);
  return set;
}

}  // namespace meridian::lane
