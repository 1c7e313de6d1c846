// SPDX-License-Identifier: Apache-2.0
//
// results.hpp: what the units of a scan came to, before projection.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.hpp"
#include "finding/unit_output.hpp"
#include "rootfs/layered_tree.hpp"
#include "rootfs/merged_names.hpp"

namespace meridian::scan {

/// How a unit ended; kError and kInterrupted carry a reason for the plugins concerned.
enum class UnitEnd { kNotStarted, kDone, kUnreadable, kInterrupted };

struct LayerResult {
  UnitEnd end = UnitEnd::kNotStarted;
  bool cached = false;  // nothing of it was read or called
  std::optional<Error>
      failure;  // of kUnreadable: the layer could not be opened or walked to its end
  std::shared_ptr<const rootfs::Tree> tree;                  // null: could not be opened
  std::vector<finding::UnitOutput> outputs;                  // by plugin; empty when not started
  std::optional<std::string> decoded_digest, stored_digest;  // as rootfs::Tree has them
  std::vector<rootfs::Redirect> redirects;                   // that the walk met
  std::uint64_t files = 0;                                   // regular files seen
  std::uint64_t opened = 0;                                  // of those, opened
  std::uint64_t bytes = 0;                                   // sizes of all regular files
  std::uint64_t bytes_read = 0;
};

/// What a target's merged view answered: kept from one look to the next and, where a cache is used,
/// from one scan to the next.
struct Sightings {
  // (path, layer) -> merged paths that show it
  std::map<std::pair<std::string, std::uint64_t>, std::vector<std::string>> shown;
  std::map<std::string, std::optional<std::uint64_t>> origins;  // merged path -> layer
  /// Facts and secrets (a digest of both) that have nothing of each other; "": not known.
  std::string clean;
  bool is_new = false;       // there are answers that the cache does not have
  bool is_doubtful = false;  // a look failed: what it answered is not kept
};

struct TargetResult {
  UnitEnd end = UnitEnd::kNotStarted;
  std::optional<Error> failure;  // the merged tree could not be walked
  std::shared_ptr<const rootfs::LayeredTree> tree;
  std::vector<finding::UnitOutput> outputs;  // by plugin
  std::shared_ptr<Sightings> sightings = std::make_shared<Sightings>();
};

struct Results {
  std::vector<LayerResult> layers;    // by Plan::units
  std::vector<TargetResult> targets;  // by Plan::targets
  base::StopReason stopped = base::StopReason::kNone;
  /// Workers that did not come back: their threads still run, so the process must end with _Exit.
  bool abandoned = false;
  double seconds = 0;
};

}  // namespace meridian::scan
