// SPDX-License-Identifier: Apache-2.0
//
// environment_look.hpp: what a command knows, put before environment::observe().
#pragma once

#include <string>
#include <vector>

#include "base/log.hpp"
#include "cli/args.hpp"
#include "cli/wiring.hpp"
#include "environment/diagnosis.hpp"
#include "environment/observe.hpp"
#include "finding/report.hpp"
#include "plugin/catalog.hpp"

namespace meridian::cli {

/// Needs of the bundles.
std::vector<environment::PluginNeed> needs_of(const plugin::Catalog& catalog);

/// Folders of what is kept between scans; empty: none.
struct KeptFolders {
  std::string cache, state;
};

/// For doctor: the stores are looked for and not read.
environment::Observed look_around(const GlobalArgs& global, const KeptFolders& kept,
                                  std::vector<environment::PluginNeed> plugins,
                                  const environment::BeforeConfinement& before);

/// For a scan: what its stores have found. Before the host confines its writing.
environment::Observed look_around(const Stores& stores, const KeptFolders& kept,
                                  std::vector<environment::PluginNeed> plugins,
                                  const environment::BeforeConfinement& before);

/// A line for each feature that is degraded or unavailable.
void say_what_is_missing(const environment::Container& container,
                         const std::vector<environment::Diagnosis>& entries, const base::Log& log);

}  // namespace meridian::cli
