// SPDX-License-Identifier: Apache-2.0
//
// plan.hpp: which targets, and which units of work they share.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "meridian/result.hpp"
#include "model/inventory.hpp"

namespace meridian::scan {

enum class TargetKind { kImage, kContainer, kHost };

/// One REF: a name in any store, or everything (or one name) in the store that a transport opened.
struct Wish {
  std::string name;                     // empty: everything in `store`
  std::optional<std::size_t> store;     // empty: any store
  std::string text;                     // as typed
  std::vector<std::string> kinds = {};  // of the stores that are meant (Runtime::kind); empty: any
  std::string name_space = {};          // likewise, of containerd
};

struct Selection {
  bool images = true;
  bool containers = true;
  bool intermediate = false;                     // `--all`
  std::vector<Wish> wishes;                      // empty: everything
  std::optional<model::Platform> platform = {};  // images of others are passed over
  bool host = false;                             // Inventory::host too
};

struct PlannedTarget {
  TargetKind kind = TargetKind::kImage;
  std::size_t index = 0;           // into Inventory::images or ::containers; 0 of the host
  std::vector<std::size_t> units;  // one for each of its layers, bottom first
};

struct Plan {
  std::vector<PlannedTarget> targets;  // in the inventory's order: images, containers, host
  std::vector<model::Layer> units;     // each unique layer once (Layer::key)
  bool everything = true;              // false: only what was named
  std::set<std::size_t> whole_stores;  // of those, stores that were named as a whole
  /// Whether an object of `store` was asked for though it could not be read.
  bool covers(std::size_t store) const { return everything || whole_stores.contains(store); }
};

const std::vector<model::Layer>& layers_of(const model::Inventory& inventory,
                                           const PlannedTarget& target);
const std::string& id_of(const model::Inventory& inventory, const PlannedTarget& target);

/// kNotFound lists the REFs that match nothing, or nothing of the platform.
Result<Plan> make_plan(const model::Inventory& inventory, const Selection& selection);

}  // namespace meridian::scan
