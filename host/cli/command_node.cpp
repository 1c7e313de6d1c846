// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "base/escape.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "lane/readers.hpp"
#include "report/node_view.hpp"
#include "scan/projection.hpp"
#include "scan/target_entry.hpp"
#include "store/kubernetes/node.hpp"

namespace meridian::cli {

int run_node(const GlobalArgs& global, const NodeArgs& args, const base::Log& log) {
  const base::Cancel never;
  lane::Readers readers(log, never);
  auto stores = open_stores(global, {}, readers);
  if (!stores) {
    log.error(stores.error().message());
    return kUsage;
  }
  const model::Inventory& inventory = stores->collection->inventory();
  auto look =
      store::kubernetes::read_node(*stores->host_root, global.manifests, inventory.containers);
  if (look.is_empty()) {
    log.error("no Kubernetes node below " + base::escape(stores->host_root->directory()) +
              "; looked at:");
    for (const std::string& place : look.looked_at) log.error("  " + base::escape(place));
    return kNothing;
  }
  finding::Report report;
  // What the engines' stores lack, pods may lack too.
  model::Inventory seen;
  seen.problems = inventory.problems;
  seen.problems.insert(seen.problems.end(), look.problems.begin(), look.problems.end());
  report.gaps = scan::inventory_gaps(seen, {}, {});
  const report::Style style{global.color && is_terminal(STDOUT_FILENO)};
  const bool pods = args.what == NodeArgs::What::kPods;
  if (!write_output("-", pods ? report::render_pods(look.node.pods, args.format, style)
                              : report::render_node(look.node, report.gaps, args.format, style))) {
    return kIncomplete;
  }
  for (const finding::Gap& gap : report.gaps) {
    if (pods) {
      log.warn(std::string(finding::to_text(gap.kind)) + " " + base::escape(gap.path) + ": " +
               gap.message);
    }
  }
  return scan::is_incomplete(report) ? kIncomplete : kDone;
}

}  // namespace meridian::cli
