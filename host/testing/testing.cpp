// SPDX-License-Identifier: Apache-2.0
//
// testing.cpp: meridian_testing_scan over the host's own floors; nothing of their logic stands
// here.
#include "meridian/testing/testing.h"

#include <set>

#include "base/cancel.hpp"
#include "base/log.hpp"
#include "lane/plugin_set.hpp"
#include "meridian/failure.hpp"
#include "meridian/text.hpp"
#include "scan/dispatch.hpp"
#include "scan/projection.hpp"
#include "store/collection.hpp"
#include "testing/memory_store.hpp"

namespace meridian::testing {

namespace {

meridian_target_kind kind_of(const finding::Report& report, const std::string& target) {
  for (const finding::TargetEntry& entry : report.targets) {
    if (entry.id != target) continue;
    if (entry.kind == "container") return MERIDIAN_TARGET_CONTAINER;
    if (entry.kind == "host") return MERIDIAN_TARGET_HOST;
  }
  return MERIDIAN_TARGET_IMAGE;
}

void tell(const finding::Report& report, const finding::FindingEntry& entry,
          const meridian_testing_results& results) {
  meridian_testing_finding record{};
  record.struct_size = sizeof record;
  record.severity = static_cast<meridian_severity>(entry.severity);
  record.visibility = static_cast<std::uint32_t>(entry.location.visibility);
  record.layer_index =
      entry.location.layer ? static_cast<std::int32_t>(entry.location.layer->index) : -1;
  record.target = kind_of(report, entry.target);
  record.fingerprint = lend(entry.fingerprint);
  record.rule = lend(entry.rule);
  record.message = lend(entry.message);
  record.path = lend(entry.location.path);
  record.field = lend(entry.location.field);
  record.evidence = entry.evidence ? lend(entry.evidence->text) : meridian_str{};
  record.line = entry.location.line;
  record.column = entry.location.column;
  record.occurrences = entry.occurrences.size();
  record.remediation = lend(entry.remediation);
  results.finding(results.impl, &record);
}

void tell(const finding::Report& report, const std::set<std::string>& opened,
          const meridian_testing_results& results) {
  for (const finding::FindingEntry& entry : report.findings) tell(report, entry, results);
  for (const finding::Gap& gap : report.gaps) {
    results.gap(results.impl, lend(finding::to_text(gap.kind)), lend(gap.path), lend(gap.message));
  }
  for (const finding::FactEntry& fact : report.facts) {
    results.fact(results.impl, lend(fact.schema), lend(fact.data));
  }
  for (const finding::CoverageEntry& row : report.coverage) {
    results.ended(results.impl, kind_of(report, row.target), lend(finding::to_text(row.result)),
                  lend(row.reason));
  }
  for (const std::string& path : opened) results.opened(results.impl, lend(path));
}

Result<void> run(const meridian_descriptor* descriptor, const meridian_testing_image& image,
                 const meridian_testing_options& wishes, const meridian_testing_results& results) {
  const base::Log log(base::LogLevel::kWarn, base::Log::Color::kNo);
  base::Cancel cancel;
  std::vector<std::pair<std::string, std::string>> rules;
  for (std::uint64_t i = 0; i < wishes.rules.count; ++i) {
    rules.emplace_back(view(wishes.rules.files[i].name), view(wishes.rules.files[i].bytes));
  }
  std::vector<plugin::DataFile> data;
  for (std::uint64_t i = 0; i < wishes.rules.data_count; ++i) {
    const meridian_rule_file& file = wishes.rules.data[i];
    data.push_back(
        {std::string(view(file.name)), "", nullptr, base::MappedFile::lend(view(file.bytes))});
  }
  const std::string settings =
      wishes.settings.size == 0 ? "{}" : std::string(view(wishes.settings));
  MERIDIAN_TRY(auto plugin, plugin::LoadedPlugin::adopt(descriptor, settings, std::move(rules), log,
                                                        cancel, std::move(data)));
  std::vector<std::unique_ptr<plugin::LoadedPlugin>> plugins;
  plugins.push_back(std::move(plugin));
  MERIDIAN_TRY(lane::LoadedSet loaded, lane::LoadedSet::make(plugins));
  const auto set = lane::PluginSet::in_process(std::move(loaded));

  MERIDIAN_TRY(auto store, MemoryStore::create(image));
  const auto trees = store->trees();
  std::vector<std::unique_ptr<store::Store>> stores;
  stores.push_back(std::move(store));
  const store::Collection collection(std::move(stores));
  scan::Selection selection;
  selection.host = true;
  MERIDIAN_TRY(const scan::Plan plan, scan::make_plan(collection.inventory(), selection));

  scan::Options options;
  options.jobs = wishes.jobs == 0 ? 1 : wishes.jobs;
  if (wishes.shuffle != 0) options.shuffle = wishes.shuffle;
  scan::Progress progress;
  scan::Results done = scan::dispatch({collection, plan, set, options, cancel, progress}, [] {});
  const finding::Report report =
      scan::project(collection.inventory(), plan, set, {}, options, done);
  std::set<std::string> opened;
  for (const auto& tree : trees) opened.merge(tree->opened());
  tell(report, opened, results);
  return {};
}

}  // namespace

}  // namespace meridian::testing

meridian_status meridian_testing_scan(const meridian_descriptor* plugin,
                                      const meridian_testing_image* image,
                                      const meridian_testing_options* options,
                                      const meridian_testing_results* results,
                                      meridian_failure* failure) {
  const auto done = meridian::testing::run(plugin, *image, *options, *results);
  return done ? MERIDIAN_OK : meridian::fail(failure, done.error());
}
