// SPDX-License-Identifier: Apache-2.0
#include "scan/target_entry.hpp"

#include <algorithm>
#include <set>

namespace meridian::scan {

namespace {

std::vector<finding::LayerEntry> layer_entries(const std::vector<model::Layer>& layers) {
  std::vector<finding::LayerEntry> entries;
  for (const model::Layer& layer : layers) {
    finding::LayerEntry entry;
    entry.id = layer.name();
    if (layer.diff_id) entry.diff_id = layer.diff_id->text();
    entry.kind = model::to_text(layer.kind);
    entry.identity = model::to_text(layer.identity);
    if (layer.digest) entry.digest = layer.digest->text();
    entry.size = layer.size;
    entry.created_by = layer.created_by;
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<finding::PresentIn> present_in(const model::Inventory& inventory,
                                           const std::vector<model::Presence>& presences) {
  std::vector<finding::PresentIn> entries;
  for (const model::Presence& presence : presences) {
    const model::Runtime& runtime = inventory.runtimes[presence.store];
    entries.push_back(
        {runtime.kind, runtime.name_space, runtime.root, presence.id, presence.names});
  }
  return entries;
}

}  // namespace

finding::TargetEntry target_entry(const model::Inventory& inventory, const PlannedTarget& target) {
  finding::TargetEntry entry;
  if (target.kind == TargetKind::kHost) {
    entry.id = inventory.host->id;
    entry.kind = "host";
    entry.names = inventory.host->names;
  } else if (target.kind == TargetKind::kImage) {
    const model::Image& image = inventory.images[target.index];
    entry.id = image.id;
    entry.kind = "image";
    entry.names = image.names;
    entry.present_in = present_in(inventory, image.present_in);
    entry.layers = layer_entries(image.layers);
  } else {
    const model::Container& container = inventory.containers[target.index];
    entry.id = container.id;
    entry.kind = "container";
    if (!container.name.empty()) entry.names = {container.name};
    entry.image_id = container.image_id;
    entry.state = model::state_text(container);
    if (const auto& pod = container.pod) {
      entry.pod = {pod->name, pod->name_space, pod->uid, pod->sandbox, pod->handler};
    }
    entry.present_in = present_in(inventory, container.present_in);
    entry.layers = layer_entries(container.layers);
    const model::KernelBoundary& boundary = container.boundary;
    entry.isolation = {model::to_text(boundary.kind), boundary.runtime, boundary.evidence};
  }
  return entry;
}

std::vector<finding::Gap> inventory_gaps(const model::Inventory& inventory, const Plan& plan,
                                         const std::vector<finding::TargetEntry>& targets) {
  std::set<std::string> ids;
  for (const finding::TargetEntry& target : targets) ids.insert(target.id);
  std::vector<finding::Gap> gaps;
  for (const model::Problem& problem : inventory.problems) {
    const bool other = !problem.object.empty() && !ids.contains(problem.object);
    if (other && !plan.covers(problem.store)) continue;
    finding::Gap gap;
    gap.kind = finding::gap_kind(problem.error.code());
    gap.path = problem.path;
    gap.message = problem.error.message();
    if (other) {
      gap.message = problem.object + ": " + gap.message;
    } else {
      gap.target = problem.object;
    }
    gaps.push_back(std::move(gap));
  }
  return gaps;
}

std::vector<finding::Gap> process_gaps(const model::ProcessList& processes,
                                       const std::string& target) {
  std::vector<finding::Gap> gaps;
  for (const model::ProcessGap& one : processes.gaps) {
    gaps.push_back({finding::gap_kind(one.error.code()), "", target, one.path, one.error.message(),
                    one.mend, ""});
  }
  return gaps;
}

}  // namespace meridian::scan
