// SPDX-License-Identifier: Apache-2.0
//
// cached_scan.hpp: what a cache knows of one scan's units, and what it is told of them.
//
// recall() first, before anything is read; then the units that are not known are done, each told by
// keep(); layers before targets, as in every scan. Layers are recalled before projection, so a
// finding is placed in a target as if it had just been made.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lane/run.hpp"
#include "plugin/quarantine.hpp"
#include "scan/cache/keys.hpp"
#include "scan/cache/result_store.hpp"
#include "scan/plan.hpp"
#include "scan/results.hpp"
#include "store/collection.hpp"

namespace meridian::scan {

/// All outlive the scan.
struct CacheContext {
  ResultStore& store;
  const Circumstances& circumstances;
  const std::vector<PluginIdentity>& identities;  // of all that may be in the set
  const store::Collection& collection;
  const Plan& plan;
  const lane::PluginSet& set;
  const plugin::Quarantine* quarantine = nullptr;  // null: nobody is kept from anything
};

class CachedScan {
 public:
  explicit CachedScan(CacheContext context);

  /// Looks for every layer, then for every target whose layers are all known.         [control]
  void recall();
  /// Whether nothing has to be done: no plugin need run.
  bool is_whole() const;

  /// A layer of which everything is known; taken out, once.
  std::optional<LayerResult> take_layer(std::size_t unit);
  /// What is known of a layer though not everything is: those plugins need not see it.
  const lane::LeftOut& known_of_layer(std::size_t unit) const { return layers_[unit].known; }
  /// True: what was known is of the digests that the layer claims, and it has turned out to be
  /// something else. Forgotten; the layer is to be shown once more, to all.   [any, as keep_layer]
  bool was_misled(std::size_t unit, const LayerResult& result);
  /// A target of which everything is known, once all layers are; taken out, once.
  std::optional<TargetResult> take_target(std::size_t number);
  /// After all its layers; `layers` are the results of all units.                          [any]
  const lane::LeftOut& know_of_target(std::size_t number, const std::vector<LayerResult>& layers);
  /// What earlier scans saw in the target's merged view; after know_of_target().
  std::shared_ptr<Sightings> sightings(std::size_t number) const {
    return targets_[number].sightings;
  }

  /// A unit that was done. Whether it is kept is decided here.           [any, each unit once]
  void keep_layer(std::size_t unit, const LayerResult& result);
  void keep_target(std::size_t number, const TargetResult& result,
                   const std::vector<LayerResult>& layers);
  /// After projection: what merged views answered.                                    [control]
  void keep_sightings(const Results& results);

 private:
  struct LayerKnowledge {
    std::optional<store::Witness> witness;  // before anything was read; none: not to be kept
    std::string content;                    // content_name(); "": not known yet, or none
    lane::LeftOut known;
    bool is_provisional = false;  // known holds if its bytes are those that it claims to have
    bool whole = false;
  };
  struct TargetKnowledge {
    bool asked = false;
    std::vector<std::string> contents;  // empty: not to be kept
    std::vector<CacheKey> keys;         // by plugin
    lane::LeftOut known;
    std::shared_ptr<Sightings> sightings = std::make_shared<Sightings>();
    std::optional<TargetResult> whole;
  };
  void recall_layer(std::size_t unit);
  lane::LeftOut known_outputs(const model::Layer& layer, const std::string& content);
  void recall_target(std::size_t number, const std::vector<LayerResult>& layers);
  std::optional<finding::UnitOutput> read_output(const CacheKey& key, std::size_t plugin);
  lane::LeftOut kept_out(const std::string& content) const;
  std::vector<std::string> contents_of(const PlannedTarget& target) const;

  CacheContext context_;
  const Seal& seal_;
  std::vector<const PluginIdentity*> identities_;  // by plugin; null: not known, nothing is kept
  std::vector<LayerKnowledge> layers_;             // by Plan::units
  std::vector<LayerResult> recalled_;              // likewise; of those that are whole
  std::vector<TargetKnowledge> targets_;           // by Plan::targets
};

}  // namespace meridian::scan
