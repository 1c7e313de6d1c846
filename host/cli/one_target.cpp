// SPDX-License-Identifier: Apache-2.0
#include "cli/one_target.hpp"

#include "base/escape.hpp"
#include "scan/target_entry.hpp"

namespace meridian::cli {

namespace {

constexpr std::size_t kCandidatesListed = 20;  // a REF such as `library` may mean thousands

/// "image sha256:... (demo:1)"
std::string candidate(const model::Inventory& inventory, const scan::PlannedTarget& target) {
  const finding::TargetEntry entry = scan::target_entry(inventory, target);
  std::string text = entry.kind + " " + base::escape(entry.id);
  if (!entry.names.empty()) text += " (" + base::escape(entry.names.front()) + ")";
  return text;
}

}  // namespace

Result<scan::PlannedTarget> one_target(const model::Inventory& inventory, const scan::Wish& wish,
                                       Wanted wanted,
                                       const std::optional<model::Platform>& platform) {
  MERIDIAN_TRY(
      scan::Plan plan,
      scan::make_plan(
          inventory,
          {wanted != Wanted::kContainer, wanted != Wanted::kImage, true, {wish}, platform}));
  if (plan.targets.size() == 1) return std::move(plan.targets.front());
  std::string candidates;
  for (std::size_t i = 0; i < plan.targets.size() && i < kCandidatesListed; ++i) {
    candidates += (i == 0 ? " " : ", ") + candidate(inventory, plan.targets[i]);
  }
  if (plan.targets.size() > kCandidatesListed) {
    candidates += ", and " + std::to_string(plan.targets.size() - kCandidatesListed) + " more";
  }
  return Error(ErrorCode::kInvalid, base::escape(wish.text) + " means " +
                                        std::to_string(plan.targets.size()) +
                                        " objects, one is wanted:" + candidates);
}

}  // namespace meridian::cli
