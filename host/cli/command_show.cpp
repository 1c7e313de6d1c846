// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/one_target.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "lane/readers.hpp"
#include "report/object_view.hpp"
#include "scan/projection.hpp"
#include "scan/target_entry.hpp"

namespace meridian::cli {

namespace {

report::ShownObject shown(const store::Collection& collection, const scan::PlannedTarget& target) {
  const model::Inventory& inventory = collection.inventory();
  report::ShownObject object;
  object.target = scan::target_entry(inventory, target);
  if (target.kind == scan::TargetKind::kImage) {
    object.image = &inventory.images[target.index];
  } else {
    object.container = &inventory.containers[target.index];
    object.processes = collection.processes(*object.container);
  }
  return object;
}

}  // namespace

int run_show(const GlobalArgs& global, const ShowArgs& args, const base::Log& log) {
  const base::Cancel never;
  lane::Readers readers(log, never);
  auto stores = open_stores(global, args.references, readers);
  if (!stores) {
    log.error(stores.error().message());
    return kUsage;
  }
  if (stores->nothing_found) {
    say_nothing_found(*stores, log);
    return kNothing;
  }
  const model::Inventory& inventory = stores->collection->inventory();
  const Wanted wanted = args.what == ShowArgs::What::kImage ? Wanted::kImage : Wanted::kContainer;
  std::vector<report::ShownObject> objects;
  scan::Plan plan;
  plan.everything = false;
  finding::Report report;
  std::vector<finding::Gap> unseen;
  for (const scan::Wish& wish : stores->wishes) {
    auto target = one_target(inventory, wish, wanted, global.platform);
    if (!target) {
      log.error(target.error().message());
      return kUsage;
    }
    const report::ShownObject& object = objects.emplace_back(shown(*stores->collection, *target));
    report.targets.push_back(object.target);
    const auto gaps = scan::process_gaps(object.processes, object.target.id);
    unseen.insert(unseen.end(), gaps.begin(), gaps.end());
  }
  report.gaps = scan::inventory_gaps(inventory, plan, report.targets);
  report.gaps.insert(report.gaps.end(), unseen.begin(), unseen.end());
  const bool color = global.color && is_terminal(STDOUT_FILENO);
  const auto text = report::render_objects(objects, report.gaps, args.format, {color});
  if (!write_output("-", text)) return kIncomplete;
  return scan::is_incomplete(report) ? kIncomplete : kDone;
}

}  // namespace meridian::cli
