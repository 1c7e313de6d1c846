// SPDX-License-Identifier: Apache-2.0
#include "lane/local_run.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <limits>
#include <utility>

namespace meridian::lane {

namespace {

finding::Gap gap_of(const Error& error, const std::string& path) {
  return {finding::gap_kind(error.code()), "", "", path, error.message(), "", ""};
}

using Refs = std::vector<plugin::SubscriptionRef>;

/// Once for each plugin that has a subscription in one of them; both are in order, and long: every
/// pattern of a plugin that looks for many.
template <typename Visit>
void each_plugin(const Refs& files, const Refs& patterns, Visit&& visit) {
  auto file = files.begin();
  auto pattern = patterns.begin();
  while (file != files.end() || pattern != patterns.end()) {
    const std::uint32_t number = pattern == patterns.end() ? file->plugin
                                 : file == files.end()     ? pattern->plugin
                                                       : std::min(file->plugin, pattern->plugin);
    visit(number);
    const plugin::SubscriptionRef last{number, std::numeric_limits<std::uint32_t>::max()};
    file = std::upper_bound(file, files.end(), last);
    pattern = std::upper_bound(pattern, patterns.end(), last);
  }
}

void join(Refs& all, const Refs& more) {
  all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

/// What anybody wants of the file, under whatever name.
plugin::Wanted wanted_at_all(std::span<const FileName> names) {
  plugin::Wanted all = *names.front().wanted;
  for (const FileName& name : names.subspan(1)) {
    join(all.files, name.wanted->files);
    join(all.patterns, name.wanted->patterns);
  }
  return all;
}

/// What the matcher has just read is not read again for plugins; and they see what it saw.
class HeldContent final : public rootfs::Content {
 public:
  HeldContent(rootfs::Content& content, const plugin::Matcher::Scanner& scanner)
      : content_(content), scanner_(scanner) {}
  std::uint64_t size() const override { return content_.size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    const auto held = scanner_.held();
    if (!held) return content_.read(offset, buffer, capacity);
    const auto part = held->substr(std::min<std::size_t>(offset, held->size()), capacity);
    std::memcpy(buffer, part.data(), part.size());
    return part.size();
  }
  int fd() const override { return content_.fd(); }
  base::UniqueFd take_fd() override { return content_.take_fd(); }

 private:
  rootfs::Content& content_;
  const plugin::Matcher::Scanner& scanner_;
};

bool holds(const Refs& wanted, plugin::SubscriptionRef ref) {
  return std::find(wanted.begin(), wanted.end(), ref) != wanted.end();
}

}  // namespace

LocalRun::LocalRun(const LoadedSet& set, plugin::Matcher::Scanner* scanner, Recorder& recorder,
                   LeftOut left_out)
    : set_(set), scanner_(scanner), recorder_(recorder), left_out_(std::move(left_out)) {
  for (std::uint32_t i = 0; i < set_.plugins.size(); ++i) {
    if (left_out_.contains(i)) {
      units_.push_back(nullptr);
      continue;
    }
    const Breadcrumb crumb(recorder_, i, Operation::kUnitBegin, "");
    units_.push_back(std::make_unique<plugin::PluginUnit>(*set_.plugins[i]));
  }
}

void LocalRun::narrow(plugin::Wanted& wanted) const {
  remove_plugins(wanted, [this](std::uint32_t plugin) { return !takes_part(plugin); });
}

void LocalRun::file(const FileItem& item) {
  HeldContent content(item.content, *scanner_);
  // Of most files nobody is told anything.
  std::optional<std::deque<plugin::FileView>> made;
  const auto view_of = [&](std::size_t name) -> plugin::FileView& {
    if (!made) {
      made.emplace();
      for (const FileName& one : item.names) {
        made->emplace_back(*one.path, item.stat, content, item.attributes);
      }
    }
    return (*made)[name];
  };
  const std::string& first = item.names.front().path->text();
  const bool one_name = item.names.size() == 1;
  const plugin::Wanted together = one_name ? plugin::Wanted() : wanted_at_all(item.names);
  const plugin::Wanted& wanted = one_name ? *item.names.front().wanted : together;
  Result<plugin::ScanOutcome> outcome = [&] {
    const Breadcrumb crumb(recorder_, FlightPage::kNobody, Operation::kMatch, first);
    return scanner_->scan(
        item.content, wanted,
        [&](const plugin::Hit& hit) {
          const std::uint32_t number = hit.pattern.plugin;
          for (std::size_t i = 0; i < item.names.size(); ++i) {
            if (!one_name && !holds(item.names[i].wanted->patterns, hit.pattern)) continue;
            recorder_.enter(number, Operation::kLayerMatch, item.names[i].path->text());
            units_[number]->match(view_of(i), hit);
          }
          recorder_.enter(FlightPage::kNobody, Operation::kMatch, first);
          return true;
        },
        item.searchers);
  }();
  if (!outcome) {
    for (const FileName& name : item.names) {
      gap_of_wanting(*name.wanted, gap_of(outcome.error(), name.path->text()));
    }
    return;
  }
  bytes_read_ += outcome->bytes_read;
  for (const auto& [ref, message] : outcome->limits) {
    for (const FileName& name : item.names) {
      if (!holds(name.wanted->patterns, ref)) continue;
      const std::string& path = name.path->text();
      units_[ref.plugin]->gap({finding::GapKind::kLimit, "", "", path, message, "", ""});
    }
  }
  each_plugin(outcome->files, wanted.patterns,
              [&](std::uint32_t number) { units_[number]->shown(item.stat.size); });
  for (const plugin::SubscriptionRef& ref : outcome->files) {
    for (std::size_t i = 0; i < item.names.size(); ++i) {
      if (!one_name && !holds(item.names[i].wanted->files, ref)) continue;
      const Breadcrumb crumb(recorder_, ref.plugin, Operation::kLayerFile,
                             item.names[i].path->text());
      units_[ref.plugin]->file(ref.index, view_of(i));
    }
  }
}

void LocalRun::unreadable(const plugin::Wanted& wanted, const std::string& path,
                          const Error& error) {
  gap_of_wanting(wanted, gap_of(error, path));
}

void LocalRun::gap_of_wanting(const plugin::Wanted& wanted, const finding::Gap& gap) {
  each_plugin(wanted.files, wanted.patterns,
              [&](std::uint32_t number) { units_[number]->gap(gap); });
}

void LocalRun::layer_gap(const finding::Gap& gap) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (takes_part(i) && set_.plugins[i]->facts().subscriptions.wants_layers()) units_[i]->gap(gap);
  }
}

void LocalRun::layer_done(const model::Layer& layer) {
  for (std::uint32_t i = 0; i < units_.size(); ++i) {
    if (!takes_part(i)) continue;
    const Breadcrumb crumb(recorder_, i, Operation::kLayerDone, layer.name());
    units_[i]->layer_done(layer);
  }
}

void LocalRun::target(ShownTarget target) {
  tree_ = std::move(target.tree);
  unit_name_ = target.facts.id;
  view_.emplace(std::move(target.facts), *tree_);
  for (std::uint32_t i = 0; i < units_.size(); ++i) {
    if (!takes_part(i)) continue;
    const Breadcrumb crumb(recorder_, i, Operation::kTarget, unit_name_);
    units_[i]->target(*view_);
  }
}

void LocalRun::merged_file(std::uint32_t layer, const FileItem& item) {
  const plugin::Wanted& wanted = *item.names.front().wanted;
  const rootfs::RootfsPath& name = *item.names.front().path;
  const std::string& path = name.text();
  HeldContent content(item.content, *scanner_);
  plugin::FileView view(name, item.stat, content, item.attributes, layer);
  Result<plugin::ScanOutcome> outcome = [&] {
    const Breadcrumb crumb(recorder_, FlightPage::kNobody, Operation::kMatch, path);
    return scanner_->scan(item.content, wanted, [](const plugin::Hit&) { return true; });
  }();
  if (!outcome) {
    gap_of_wanting(wanted, gap_of(outcome.error(), path));
    return;
  }
  bytes_read_ += outcome->bytes_read;
  each_plugin(outcome->files, {},
              [&](std::uint32_t number) { units_[number]->shown(item.stat.size); });
  for (const plugin::SubscriptionRef& ref : outcome->files) {
    const Breadcrumb crumb(recorder_, ref.plugin, Operation::kMergedFile, path);
    units_[ref.plugin]->merged_file(ref.index, *view_, view);
  }
}

void LocalRun::merged_gap(const finding::Gap& gap) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (takes_part(i) && !set_.plugins[i]->facts().subscriptions.merged.empty())
      units_[i]->gap(gap);
  }
}

void LocalRun::target_done(const std::vector<std::vector<plugin::FactView>>& facts) {
  for (std::uint32_t i = 0; i < units_.size(); ++i) {
    if (!takes_part(i)) continue;
    const Breadcrumb crumb(recorder_, i, Operation::kTargetDone, unit_name_);
    units_[i]->target_done(*view_, facts[i]);
  }
}

std::vector<finding::UnitOutput> LocalRun::outputs_of_left_out() const {
  std::vector<finding::UnitOutput> outputs(units_.size());
  for (const auto& [plugin, instead] : left_out_) {
    if (plugin < outputs.size()) outputs[plugin] = instead;
  }
  return outputs;
}

std::vector<finding::UnitOutput> LocalRun::finish() {
  std::vector<finding::UnitOutput> outputs = outputs_of_left_out();
  for (std::uint32_t i = 0; i < units_.size(); ++i) {
    if (!takes_part(i)) continue;
    const Breadcrumb crumb(recorder_, i, Operation::kUnitEnd, unit_name_);
    outputs[i] = units_[i]->finish();
  }
  return outputs;
}

std::vector<finding::UnitOutput> LocalRun::snapshot() const {
  std::vector<finding::UnitOutput> outputs = outputs_of_left_out();
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (takes_part(i)) outputs[i] = units_[i]->snapshot();
  }
  return outputs;
}

bool LocalRun::has_news() const {
  return std::any_of(units_.begin(), units_.end(),
                     [](const auto& unit) { return unit != nullptr && unit->has_news(); });
}

std::vector<finding::UnitOutput> LocalRun::take_news() {
  std::vector<finding::UnitOutput> news(units_.size());
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (takes_part(i)) news[i] = units_[i]->take();
  }
  return news;
}

}  // namespace meridian::lane
