// SPDX-License-Identifier: Apache-2.0
//
// target_entry.hpp: images and containers of the model as a report lists them.
#pragma once

#include <string>
#include <vector>

#include "finding/report.hpp"
#include "model/inventory.hpp"
#include "model/process.hpp"
#include "scan/plan.hpp"

namespace meridian::scan {

finding::TargetEntry target_entry(const model::Inventory& inventory, const PlannedTarget& target);

/// What could not be read while looking for objects, as gaps. A problem of a listed target is that
/// target's; one of another object names it in its message, and is left out if the plan does not
/// cover it (the user asked for other objects).
std::vector<finding::Gap> inventory_gaps(const model::Inventory& inventory, const Plan& plan,
                                         const std::vector<finding::TargetEntry>& targets);

/// What could not be seen of a target's processes.
std::vector<finding::Gap> process_gaps(const model::ProcessList& processes,
                                       const std::string& target);

}  // namespace meridian::scan
