// SPDX-License-Identifier: Apache-2.0
#include "cli/one_target.hpp"

#include "base/escape.hpp"
#include "scan/target_entry.hpp"

namespace meridian::cli {

Result<scan::PlannedTarget> one_target(const model::Inventory& inventory, const scan::Wish& wish,
                                       Wanted wanted) {
  MERIDIAN_TRY(
      scan::Plan plan,
      scan::make_plan(inventory,
                      {wanted != Wanted::kContainer, wanted != Wanted::kImage, true, {wish}}));
  if (plan.targets.size() == 1) return std::move(plan.targets.front());
  std::string candidates;
  for (const scan::PlannedTarget& target : plan.targets) {
    const auto names = scan::target_entry(inventory, target).names;
    candidates += " " + scan::id_of(inventory, target);
    if (!names.empty()) candidates += " (" + base::escape(names.front()) + ")";
  }
  return Error(ErrorCode::kInvalid, base::escape(wish.text) + " means " +
                                        std::to_string(plan.targets.size()) +
                                        " objects, one is wanted:" + candidates);
}

}  // namespace meridian::cli
