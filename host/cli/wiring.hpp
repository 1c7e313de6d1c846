// SPDX-License-Identifier: Apache-2.0
//
// wiring.hpp: builds the objects of a command from its arguments. Nothing here computes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/log.hpp"
#include "cli/args.hpp"
#include "lane/plugin_set.hpp"
#include "plugin/catalog.hpp"
#include "rootfs/host_root.hpp"
#include "scan/plan.hpp"
#include "scan/projection.hpp"
#include "store/collection.hpp"

namespace meridian::cli {

/// The stores of a command, read. Declared in the order in which they must outlive each other.
struct Stores {
  std::unique_ptr<rootfs::HostRoot> host_root;
  std::unique_ptr<store::Collection> collection;
  std::vector<std::string> looked_at;
  bool nothing_found = false;  // exit status 4
  bool in_container = false;
  std::vector<scan::Wish> wishes;  // the REFs
};

/// Opens the host root (unless only transports are given), discovers, reads. An error is one of
/// usage: a host root or archive that is not there, a malformed `--store`.
Result<Stores> open_stores(const GlobalArgs& args, const std::vector<std::string>& references);

/// Exit status 4 in words: the host root, and each place that was looked at.
void say_nothing_found(const Stores& stores, const base::Log& log);

/// Bundles of the directories, or of the installed store when none is given.
Result<plugin::Catalog> open_catalog(const std::vector<std::string>& directories);

struct Plugins {
  lane::PluginSet set;
  std::vector<scan::AbsentPlugin> absent;  // switched off, or failed to load
  std::vector<plugin::Refusal> refusals;
};

/// Loads, configures and subscribes what is asked for. An error is one of usage: an id that names
/// nothing, a wrong option, no plugin at all. `log` and `cancel` outlive the plugins.
Result<Plugins> load_plugins(const PluginArgs& args, const base::Log& log,
                             const base::Cancel& cancel);

/// Whether this process is in a container, by the marks that Docker and podman leave.
bool inside_container();

}  // namespace meridian::cli
