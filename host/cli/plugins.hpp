// SPDX-License-Identifier: Apache-2.0
//
// plugins.hpp: the plugins of a scan: which bundles, in which lanes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/log.hpp"
#include "cli/args.hpp"
#include "cli/cache.hpp"
#include "cli/data.hpp"
#include "cli/quarantine.hpp"
#include "lane/plugin_set.hpp"
#include "plugin/catalog.hpp"
#include "scan/projection.hpp"

namespace meridian::cli {

/// Bundles of the directories, or of the installed store when none is given.
Result<plugin::Catalog> open_catalog(const std::vector<std::string>& directories);

/// The bundle that `name` means: an id, or the unique last part of one. kInvalid lists the ids.
Result<const plugin::Bundle*> find_bundle(const plugin::Catalog& catalog, const std::string& name);

/// One that takes part, and its options: validated, with defaults.
struct Chosen {
  const plugin::Bundle* bundle;
  std::string options;
};

struct Plugins {
  plugin::Catalog catalog;
  std::string places;                            // where they were looked for, for people
  std::vector<Chosen> chosen;                    // of the catalog, by id
  GivenData data;                                // what was imported for them
  std::vector<scan::PluginIdentity> identities;  // likewise; none without a cache
  lane::PluginSet set;
  bool started = false;  // else the set is what the cache knows of them, and cannot run
  std::vector<scan::AbsentPlugin> absent;  // switched off, quarantined, or failed to load
  std::vector<plugin::Refusal> refusals;
};

/// Chooses what is asked for, and starts it unless the cache knows all of it. An error is one of
/// usage: an id that names nothing, a wrong option, no plugin at all, a lesser sandbox than is
/// required. Heeds `quarantine`. `log` and `cancel` outlive the plugins. Databases are looked for
/// in the data folder, if there is one.
Result<std::unique_ptr<Plugins>> load_plugins(const PluginArgs& args, const Running& running,
                                              const std::optional<std::string>& data_folder,
                                              ScanQuarantine& quarantine, ScanCache& cache,
                                              const base::Log& log, const base::Cancel& cancel);
/// Loads, configures and subscribes them if that was not done yet, and has `quarantine` remember
/// who broke the process in which it was loaded. Errors as above.
Result<void> start_plugins(Plugins& plugins, const Running& running, ScanQuarantine& quarantine,
                           ScanCache& cache, const base::Log& log, const base::Cancel& cancel);

}  // namespace meridian::cli
