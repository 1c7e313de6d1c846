// SPDX-License-Identifier: Apache-2.0
//
// observe.hpp: looks at the environment. Everything is asked of the kernel by doing it, nothing is
// concluded from a user id; nothing is written. A few milliseconds.
#pragma once

#include <string>
#include <vector>

#include "environment/observed.hpp"
#include "rootfs/host_root.hpp"
#include "store/store.hpp"

namespace meridian::environment {

/// The first thing of a process, before it takes anything from itself.
BeforeConfinement observe_before_confinement();

struct Subject {
  /// Null: archives alone are scanned, or `root_error` says why it could not be opened.
  const rootfs::HostRoot* root = nullptr;
  std::string root_directory;  // as named; empty: there is none
  std::string root_error;
  std::vector<std::string> looked_at;  // of store::Discovery
  std::vector<std::string> found;      // roots of the stores found
  std::vector<model::Problem> problems;
  std::string cache_folder, state_folder;  // empty: none
  std::vector<PluginNeed> plugins;
};

/// Before Landlock: it hides /proc/1/exe whatever the capabilities.
Observed observe(const Subject& subject, const BeforeConfinement& before);

}  // namespace meridian::environment
