// SPDX-License-Identifier: Apache-2.0
//
// results.hpp: what the units of a scan came to, before projection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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

struct TargetResult {
  UnitEnd end = UnitEnd::kNotStarted;
  std::optional<Error> failure;  // the merged tree could not be walked
  std::shared_ptr<const rootfs::LayeredTree> tree;
  std::vector<finding::UnitOutput> outputs;  // by plugin
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
