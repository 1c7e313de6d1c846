// SPDX-License-Identifier: Apache-2.0
//
// dispatch.hpp: runs every unit of a plan on `jobs` threads: layers first, then targets.
#pragma once

#include <functional>
#include <memory>

#include "base/cancel.hpp"
#include "lane/plugin_set.hpp"
#include "plugin/quarantine.hpp"
#include "scan/cache/cached_scan.hpp"
#include "scan/options.hpp"
#include "scan/plan.hpp"
#include "scan/progress.hpp"
#include "scan/results.hpp"
#include "store/collection.hpp"

namespace meridian::scan {

/// What a dispatch works on; all outlive it, and the process if Results::abandoned.
struct Work {
  const store::Collection& collection;
  const Plan& plan;
  const lane::PluginSet& set;
  const Options& options;
  base::Cancel& cancel;
  Progress& progress;
  const plugin::Quarantine* quarantine = nullptr;  // null: nobody is kept from anything
  CachedScan* cached = nullptr;                    // recalled; null: no cache is used
};

/// `tick` is called about ten times a second on the calling thread. Results do not depend on jobs,
/// shuffle or timing, unless the scan was stopped.                                  [control]
Results dispatch(const Work& work, const std::function<void()>& tick);

}  // namespace meridian::scan
