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
#include "cli/quarantine.hpp"
#include "lane/plugin_set.hpp"
#include "plugin/catalog.hpp"
#include "scan/projection.hpp"

namespace meridian::cli {

/// Bundles of the directories, or of the installed store when none is given.
Result<plugin::Catalog> open_catalog(const std::vector<std::string>& directories);

/// The bundle that `name` means: an id, or the unique last part of one. kInvalid lists the ids.
Result<const plugin::Bundle*> find_bundle(const plugin::Catalog& catalog, const std::string& name);

struct Plugins {
  plugin::Catalog catalog;
  lane::PluginSet set;
  std::vector<scan::AbsentPlugin> absent;  // switched off, quarantined, or failed to load
  std::vector<plugin::Refusal> refusals;
};

/// Loads, configures and subscribes what is asked for. An error is one of usage: an id that names
/// nothing, a wrong option, no plugin at all, a lesser sandbox than is required. Heeds
/// `quarantine`, and has it remember who broke the process in which it was loaded. `log` and
/// `cancel` outlive the plugins.
Result<std::unique_ptr<Plugins>> load_plugins(const PluginArgs& args, const Running& running,
                                              ScanQuarantine& quarantine, const base::Log& log,
                                              const base::Cancel& cancel);

}  // namespace meridian::cli
