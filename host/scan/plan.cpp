// SPDX-License-Identifier: Apache-2.0
#include "scan/plan.hpp"

#include <algorithm>
#include <map>

#include "base/escape.hpp"
#include "model/reference.hpp"
#include "store/oci_layout/platform_choice.hpp"

namespace meridian::scan {

namespace {

bool is_in(const std::vector<model::Presence>& present_in, std::size_t store) {
  return std::any_of(present_in.begin(), present_in.end(),
                     [store](const model::Presence& presence) { return presence.store == store; });
}

/// Whether one of the stores that have it is of the engine, and the namespace, that a REF names.
bool is_of_engine(const model::Inventory& inventory, const Wish& wish,
                  const std::vector<model::Presence>& present_in) {
  return std::any_of(present_in.begin(), present_in.end(), [&](const model::Presence& presence) {
    if (presence.store >= inventory.runtimes.size()) return false;
    const model::Runtime& runtime = inventory.runtimes[presence.store];
    return std::find(wish.kinds.begin(), wish.kinds.end(), runtime.kind) != wish.kinds.end() &&
           (wish.name_space.empty() || runtime.name_space == wish.name_space);
  });
}

/// Whether any REF means the object; every one that does is noted as used.
template <typename Object>
bool selected(const model::Inventory& inventory, const std::vector<Wish>& wishes,
              const Object& object, std::vector<bool>& used) {
  bool found = wishes.empty();
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const Wish& wish = wishes[i];
    if (wish.store && !is_in(object.present_in, *wish.store)) continue;
    if (!wish.kinds.empty() && !is_of_engine(inventory, wish, object.present_in)) continue;
    if (!wish.name.empty() && !model::matches(wish.name, object)) continue;
    used[i] = true;
    found = true;
  }
  return found;
}

/// A plain root file system says no platform; of an OCI layout's index the one that was asked for
/// has been chosen, by what the index says.
bool is_for_another(const model::Inventory& inventory, const model::Image& image,
                    const model::Platform& platform) {
  const auto is_chosen = [&](const model::Presence& presence) {
    return presence.store < inventory.runtimes.size() &&
           inventory.runtimes[presence.store].kind.substr(0, 3) == "oci";
  };
  return !image.config.platform.architecture.empty() &&
         !store::fits(image.config.platform, platform) &&
         std::none_of(image.present_in.begin(), image.present_in.end(), is_chosen);
}

}  // namespace

const std::vector<model::Layer>& layers_of(const model::Inventory& inventory,
                                           const PlannedTarget& target) {
  switch (target.kind) {
    case TargetKind::kImage:
      return inventory.images[target.index].layers;
    case TargetKind::kContainer:
      return inventory.containers[target.index].layers;
    case TargetKind::kHost:
      break;
  }
  return inventory.host->layers;
}

const std::string& id_of(const model::Inventory& inventory, const PlannedTarget& target) {
  switch (target.kind) {
    case TargetKind::kImage:
      return inventory.images[target.index].id;
    case TargetKind::kContainer:
      return inventory.containers[target.index].id;
    case TargetKind::kHost:
      break;
  }
  return inventory.host->id;
}

Result<Plan> make_plan(const model::Inventory& inventory, const Selection& selection) {
  Plan plan;
  plan.everything = selection.wishes.empty();
  for (const Wish& wish : selection.wishes) {
    if (wish.store && wish.name.empty()) plan.whole_stores.insert(*wish.store);
  }
  std::vector<bool> used(selection.wishes.size());
  std::vector<bool> of_others(selection.wishes.size());
  if (selection.images) {
    for (std::size_t i = 0; i < inventory.images.size(); ++i) {
      const model::Image& image = inventory.images[i];
      // Who names a build step means it; `--all` is for lists.
      if (image.intermediate && !selection.intermediate && selection.wishes.empty()) continue;
      if (selection.platform && is_for_another(inventory, image, *selection.platform)) {
        selected(inventory, selection.wishes, image, of_others);
        continue;
      }
      if (selected(inventory, selection.wishes, image, used)) {
        plan.targets.push_back({TargetKind::kImage, i, {}});
      }
    }
  }
  if (selection.containers) {
    for (std::size_t i = 0; i < inventory.containers.size(); ++i) {
      if (selected(inventory, selection.wishes, inventory.containers[i], used)) {
        plan.targets.push_back({TargetKind::kContainer, i, {}});
      }
    }
  }
  if (selection.host && inventory.host) plan.targets.push_back({TargetKind::kHost, 0, {}});
  std::string missing;
  for (std::size_t i = 0; i < selection.wishes.size(); ++i) {
    // A store without images is not an error; a name that means nothing is.
    if (used[i] || (selection.wishes[i].name.empty() && !of_others[i])) continue;
    missing += (missing.empty() ? "" : ", ") + base::escape(selection.wishes[i].text);
    if (of_others[i]) missing += " for " + base::escape(selection.platform->text());
  }
  if (!missing.empty())
    return Error(ErrorCode::kNotFound, "no such image or container: " + missing);

  std::map<std::string, std::size_t> units;
  for (PlannedTarget& target : plan.targets) {
    for (const model::Layer& layer : layers_of(inventory, target)) {
      const auto [place, is_new] = units.emplace(layer.key(), plan.units.size());
      if (is_new) plan.units.push_back(layer);
      target.units.push_back(place->second);
    }
  }
  return plan;
}

}  // namespace meridian::scan
