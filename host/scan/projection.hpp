// SPDX-License-Identifier: Apache-2.0
//
// projection.hpp: what was found in layers, placed in every image and container that has them.
//
// A finding is `visible` in a target if the merged view shows its path from its layer, else
// `shadowed`: deleted or overwritten later, and still in the layer for whoever has the image. Looks
// up the paths of findings; never walks.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "finding/report.hpp"
#include "lane/plugin_set.hpp"
#include "model/inventory.hpp"
#include "scan/options.hpp"
#include "scan/plan.hpp"
#include "scan/results.hpp"

namespace meridian::scan {

/// Plugins that did not take part; each gets a coverage row in every target.
struct AbsentPlugin {
  std::string id;
  finding::PairResult result = finding::PairResult::kSkipped;  // kSkipped by the user, or kError
  std::string reason;
  finding::GapKind kind = finding::GapKind::kRefused;  // of its gap, with kError
  std::string mend = {};                               // of that gap
};

/// The report's targets, findings, facts, coverage, gaps and statistics; the caller fills in the
/// rest. `complete` says whether anything at all was left out. Order is canonical.
finding::Report project(const model::Inventory& inventory, const Plan& plan,
                        const lane::PluginSet& set, const std::vector<AbsentPlugin>& absent,
                        const Options& options, Results& results);

/// contract.md, exit status 3: some pair ended as error, a target or store could not be read (gaps
/// without a plugin are the host's own). Gaps of kind privilege, unsupported and refused do not
/// count.
bool is_incomplete(const finding::Report& report);

}  // namespace meridian::scan
