// SPDX-License-Identifier: Apache-2.0
//
// target_projection.hpp: one target's findings, coverage, facts and gaps.
#pragma once

#include <string>
#include <vector>

#include "finding/report.hpp"
#include "lane/plugin_set.hpp"
#include "model/inventory.hpp"
#include "scan/options.hpp"
#include "scan/plan.hpp"
#include "scan/results.hpp"

namespace meridian::scan {

/// A finding with the value that must not be printed, for grouping across targets.
struct ProjectedFinding {
  finding::FindingEntry entry;
  std::string secret;
};

struct ProjectedTarget {
  finding::TargetEntry entry;
  std::vector<ProjectedFinding> findings;  // canonical order
  std::vector<finding::FactEntry> facts;
  std::vector<finding::CoverageEntry> coverage;  // one for each plugin of the set, in its order;
                                                 // of a host: that looks at hosts
  std::vector<finding::Gap> gaps;
};

ProjectedTarget project_target(const model::Inventory& inventory, const Plan& plan,
                               std::size_t number, const lane::PluginSet& set,
                               const Options& options, const Results& results);

}  // namespace meridian::scan
