// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "base/escape.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/host_facts.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "lane/readers.hpp"
#include "report/format.hpp"
#include "report/runtime_list.hpp"
#include "scan/projection.hpp"
#include "scan/target_entry.hpp"

namespace meridian::cli {

namespace {

std::string runtimes_text(const model::Inventory& inventory, report::Format format) {
  std::vector<report::RuntimeRow> rows;
  for (std::size_t i = 0; i < inventory.runtimes.size(); ++i) {
    const model::Runtime& runtime = inventory.runtimes[i];
    report::RuntimeRow row{runtime.kind,
                           runtime.root,
                           runtime.driver,
                           runtime.version,
                           runtime.found_by,
                           runtime.name_space,
                           0,
                           0,
                           0};
    const auto in_this = [i](const auto& object) {
      for (const model::Presence& presence : object.present_in) {
        if (presence.store == i) return true;
      }
      return false;
    };
    for (const auto& image : inventory.images) row.images += in_this(image) ? 1 : 0;
    for (const auto& container : inventory.containers) row.containers += in_this(container) ? 1 : 0;
    for (const auto& problem : inventory.problems) row.problems += problem.store == i ? 1 : 0;
    rows.push_back(std::move(row));
  }
  return report::render_runtimes(rows, format);
}

int list_runtimes(const model::Inventory& inventory, report::Format format, const base::Log& log) {
  if (!write_output("-", runtimes_text(inventory, format))) return kIncomplete;
  finding::Report report;
  report.gaps = scan::inventory_gaps(inventory, {}, {});
  for (const finding::Gap& gap : report.gaps) {
    log.warn(std::string(finding::to_text(gap.kind)) + " " + base::escape(gap.path) + ": " +
             gap.message);
  }
  return scan::is_incomplete(report) ? kIncomplete : kDone;
}

}  // namespace

int run_list(const GlobalArgs& global, const ListArgs& args, const base::Log& log) {
  const base::Cancel never;
  lane::Readers readers(log, never);
  auto stores = open_stores(global, {}, readers);
  if (!stores) {
    log.error(stores.error().message());
    return kUsage;
  }
  if (stores->nothing_found) {
    say_nothing_found(*stores, log);
    return kNothing;
  }
  const model::Inventory& inventory = stores->collection->inventory();
  if (args.what == ListArgs::What::kRuntimes) return list_runtimes(inventory, args.format, log);
  const bool images = args.what == ListArgs::What::kImages;
  auto plan = scan::make_plan(inventory, {images, !images, args.all, {}, global.platform});
  if (!plan) {
    log.error(plan.error().message());
    return kUsage;
  }
  finding::Report report;
  report.version = version();
  report.host = host_facts(*stores);
  for (const scan::PlannedTarget& target : plan->targets) {
    report.targets.push_back(scan::target_entry(inventory, target));
  }
  report.gaps = scan::inventory_gaps(inventory, *plan, report.targets);
  report.complete = report.gaps.empty();
  const bool color = global.color && is_terminal(STDOUT_FILENO);
  if (!write_output("-", report::render_list(report, args.format, {color}))) return kIncomplete;
  return scan::is_incomplete(report) ? kIncomplete : kDone;
}

}  // namespace meridian::cli
