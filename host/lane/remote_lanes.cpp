// SPDX-License-Identifier: Apache-2.0
#include "lane/remote_lanes.hpp"

#include <algorithm>
#include <utility>

namespace meridian::lane {

namespace {

class RemoteLanes final : public Lanes {
 public:
  RemoteLanes(const LaneSettings& settings, std::unique_ptr<ForkWarden> warden,
              const base::Log& log, const base::Cancel& cancel)
      : spawner_(settings.words),
        warden_(std::move(warden)),
        supervision_{spawner_, *warden_, log, cancel, settings.patience, settings.patterns} {}

  Result<void> start(std::vector<std::vector<BundleOrder>> groups, StartedLanes& started) {
    for (auto& group : groups) {
      MERIDIAN_TRY(auto made, LaneHandle::start(supervision_, std::move(group)));
      started.failures.insert(started.failures.end(), made->failures().begin(),
                              made->failures().end());
      if (made->plugins().empty()) {
        for (finding::Gap& gap : made->end()) gaps_.push_back(std::move(gap));
        continue;
      }
      if (!made->note().empty()) {
        started.notes.push_back("lane of " + made->plugins().front()->id + ": " + made->note());
      }
      places_.push_back({std::move(made), {}});
    }
    number(started.set.plugins);
    return {};
  }

  Result<std::unique_ptr<Crew>> crew(const base::Cancel& cancel) override {
    return std::unique_ptr<Crew>(std::make_unique<RemoteCrew>(places_, cancel));
  }

  std::vector<finding::Gap> end() override {
    std::vector<finding::Gap> gaps = std::move(gaps_);
    for (const LanePlace& place : places_) {
      for (finding::Gap& gap : place.lane->end()) gaps.push_back(std::move(gap));
    }
    return gaps;
  }

  /// The least of what the lanes reached.
  std::string sandbox_level() const override {
    std::string level = "full";
    for (const LanePlace& place : places_) {
      if (!place.lane->sandbox().is_full) return place.lane->sandbox().level;
      level = place.lane->sandbox().level;
    }
    return level;
  }

 private:
  /// By id, whatever lane they are in: no order of lanes shows in a report.
  void number(std::vector<std::shared_ptr<const plugin::PluginFacts>>& plugins) {
    for (const LanePlace& place : places_) {
      plugins.insert(plugins.end(), place.lane->plugins().begin(), place.lane->plugins().end());
    }
    std::sort(plugins.begin(), plugins.end(),
              [](const auto& a, const auto& b) { return a->id < b->id; });
    for (LanePlace& place : places_) {
      std::vector<std::uint32_t> numbers;
      for (const auto& plugin : place.lane->plugins()) {
        const auto found = std::find(plugins.begin(), plugins.end(), plugin);
        numbers.push_back(static_cast<std::uint32_t>(found - plugins.begin()));
      }
      place.numbers = LaneNumbers(std::move(numbers), plugins.size());
    }
  }

  Spawner spawner_;
  std::unique_ptr<ForkWarden> warden_;
  Supervision supervision_;
  std::vector<LanePlace> places_;
  std::vector<finding::Gap> gaps_;  // of lanes without a plugin
};

}  // namespace

Result<StartedLanes> start_lanes(std::vector<std::vector<BundleOrder>> groups,
                                 const LaneSettings& settings, const base::Log& log,
                                 const base::Cancel& cancel) {
  MERIDIAN_TRY(auto warden, ForkWarden::start());
  StartedLanes started;
  auto lanes = std::make_shared<RemoteLanes>(settings, std::move(warden), log, cancel);
  MERIDIAN_CHECK(lanes->start(std::move(groups), started));
  std::vector<const plugin::Subscriptions*> wishes;
  for (const auto& plugin : started.set.plugins) wishes.push_back(&plugin->subscriptions);
  MERIDIAN_TRY(Matchers made, Matchers::compile(wishes, plugin::Matcher::What::kNames));
  started.set.matcher = std::move(made.layer);
  started.set.merged = std::move(made.merged);
  started.set.lanes = std::move(lanes);
  return started;
}

}  // namespace meridian::lane
