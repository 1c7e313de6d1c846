// SPDX-License-Identifier: Apache-2.0
#include "lane/run.hpp"

#include <algorithm>
#include <deque>
#include <set>

namespace meridian::lane {

namespace {

finding::Gap gap_of(const Error& error, const std::string& path) {
  return {finding::gap_kind(error.code()), "", "", path, error.message(), "", ""};
}

std::set<std::uint32_t> plugins_of(const std::vector<plugin::SubscriptionRef>& files,
                                   const std::vector<plugin::SubscriptionRef>& patterns) {
  std::set<std::uint32_t> plugins;
  for (const auto& ref : files) plugins.insert(ref.plugin);
  for (const auto& ref : patterns) plugins.insert(ref.plugin);
  return plugins;
}

using Refs = std::vector<plugin::SubscriptionRef>;

void join(Refs& all, const Refs& more) {
  all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

/// What anybody wants of the file, under whatever name.
plugin::Wanted wanted_at_all(std::span<const FileName> names) {
  plugin::Wanted all = names.front().wanted;
  for (const FileName& name : names.subspan(1)) {
    join(all.files, name.wanted.files);
    join(all.patterns, name.wanted.patterns);
  }
  return all;
}

bool holds(const Refs& wanted, plugin::SubscriptionRef ref) {
  return std::find(wanted.begin(), wanted.end(), ref) != wanted.end();
}

}  // namespace

Result<PluginSet> PluginSet::make(std::vector<std::unique_ptr<plugin::LoadedPlugin>> plugins) {
  PluginSet set;
  set.plugins = std::move(plugins);
  std::vector<const plugin::Subscriptions*> wishes;
  for (const auto& plugin : set.plugins) wishes.push_back(&plugin->subscriptions());
  MERIDIAN_TRY(set.matcher, plugin::Matcher::compile(wishes));

  // The same matcher, over those wishes that each target's tree answers.
  bool any = false;
  std::vector<plugin::Subscriptions> merged(set.plugins.size());
  wishes.clear();
  for (std::size_t i = 0; i < set.plugins.size(); ++i) {
    merged[i].files = set.plugins[i]->subscriptions().merged;
    any = any || !merged[i].files.empty();
    wishes.push_back(&merged[i]);
  }
  if (any) {
    MERIDIAN_TRY(set.merged, plugin::Matcher::compile(wishes));
  }
  return set;
}

Run::Run(const PluginSet& set, plugin::Matcher::Scanner* scanner, FlightRecorder::Slot& slot)
    : set_(set), scanner_(scanner), slot_(slot) {
  for (const auto& plugin : set_.plugins) {
    const Breadcrumb crumb(slot_, plugin->id(), "unit_begin", "");
    units_.push_back(std::make_unique<plugin::PluginUnit>(*plugin));
  }
}

void Run::file(const FileItem& item) {
  std::deque<plugin::FileView> views;
  for (const FileName& name : item.names) {
    views.emplace_back(*name.path, item.stat, item.content, item.attributes);
  }
  const std::string& first = item.names.front().path->text();
  const bool one_name = item.names.size() == 1;
  const plugin::Wanted together = one_name ? plugin::Wanted() : wanted_at_all(item.names);
  const plugin::Wanted& wanted = one_name ? item.names.front().wanted : together;
  Result<plugin::ScanOutcome> outcome = [&] {
    const Breadcrumb crumb(slot_, "", "match", first);
    return scanner_->scan(item.content, wanted, [&](const plugin::Hit& hit) {
      const std::uint32_t number = hit.pattern.plugin;
      for (std::size_t i = 0; i < views.size(); ++i) {
        if (!one_name && !holds(item.names[i].wanted.patterns, hit.pattern)) continue;
        slot_.enter(set_.plugins[number]->id(), "layer_match", views[i].path().text());
        units_[number]->match(views[i], hit);
      }
      slot_.enter("", "match", first);
      return true;
    });
  }();
  if (!outcome) {
    for (const FileName& name : item.names) {
      gap_of_wanting(name.wanted, gap_of(outcome.error(), name.path->text()));
    }
    return;
  }
  bytes_read_ += outcome->bytes_read;
  for (const auto& [ref, message] : outcome->limits) {
    for (const FileName& name : item.names) {
      if (!holds(name.wanted.patterns, ref)) continue;
      const std::string& path = name.path->text();
      units_[ref.plugin]->gap({finding::GapKind::kLimit, "", "", path, message, "", ""});
    }
  }
  for (const std::uint32_t number : plugins_of(outcome->files, wanted.patterns)) {
    units_[number]->shown(item.stat.size);
  }
  for (const plugin::SubscriptionRef& ref : outcome->files) {
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (!one_name && !holds(item.names[i].wanted.files, ref)) continue;
      const Breadcrumb crumb(slot_, set_.plugins[ref.plugin]->id(), "layer_file",
                             views[i].path().text());
      units_[ref.plugin]->file(ref.index, views[i]);
    }
  }
}

void Run::unreadable(const plugin::Wanted& wanted, const std::string& path, const Error& error) {
  gap_of_wanting(wanted, gap_of(error, path));
}

void Run::gap_of_wanting(const plugin::Wanted& wanted, const finding::Gap& gap) {
  for (const std::uint32_t number : plugins_of(wanted.files, wanted.patterns)) {
    units_[number]->gap(gap);
  }
}

void Run::layer_gap(const finding::Gap& gap) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (set_.plugins[i]->subscriptions().wants_layers()) units_[i]->gap(gap);
  }
}

void Run::layer_done(const model::Layer& layer) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const Breadcrumb crumb(slot_, set_.plugins[i]->id(), "layer_done", layer.name());
    units_[i]->layer_done(layer);
  }
}

void Run::target(plugin::TargetView& target) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const Breadcrumb crumb(slot_, set_.plugins[i]->id(), "target", target.id());
    units_[i]->target(target);
  }
}

void Run::merged_file(plugin::TargetView& target, std::uint32_t layer, const FileItem& item) {
  const plugin::Wanted& wanted = item.names.front().wanted;
  const rootfs::RootfsPath& name = *item.names.front().path;
  const std::string& path = name.text();
  plugin::FileView view(name, item.stat, item.content, item.attributes, layer);
  Result<plugin::ScanOutcome> outcome = [&] {
    const Breadcrumb crumb(slot_, "", "match", path);
    return scanner_->scan(item.content, wanted, [](const plugin::Hit&) { return true; });
  }();
  if (!outcome) {
    gap_of_wanting(wanted, gap_of(outcome.error(), path));
    return;
  }
  bytes_read_ += outcome->bytes_read;
  for (const std::uint32_t number : plugins_of(outcome->files, {})) {
    units_[number]->shown(item.stat.size);
  }
  for (const plugin::SubscriptionRef& ref : outcome->files) {
    const Breadcrumb crumb(slot_, set_.plugins[ref.plugin]->id(), "merged_file", path);
    units_[ref.plugin]->merged_file(ref.index, target, view);
  }
}

void Run::merged_gap(const finding::Gap& gap) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (!set_.plugins[i]->subscriptions().merged.empty()) units_[i]->gap(gap);
  }
}

void Run::target_done(plugin::TargetView& target,
                      const std::vector<std::vector<plugin::FactView>>& facts) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const Breadcrumb crumb(slot_, set_.plugins[i]->id(), "target_done", target.id());
    units_[i]->target_done(target, facts[i]);
  }
}

std::vector<finding::UnitOutput> Run::finish() {
  std::vector<finding::UnitOutput> outputs;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const Breadcrumb crumb(slot_, set_.plugins[i]->id(), "unit_end", "");
    outputs.push_back(units_[i]->finish());
  }
  return outputs;
}

std::vector<finding::UnitOutput> Run::snapshot() const {
  std::vector<finding::UnitOutput> outputs;
  for (const auto& unit : units_) outputs.push_back(unit->snapshot());
  return outputs;
}

}  // namespace meridian::lane
