// SPDX-License-Identifier: Apache-2.0
//
// environment.hpp: what this environment allows Meridian, and what would mend the rest.
#pragma once

#include <string>
#include <vector>

#include "lane/sandbox_level.hpp"

namespace meridian::cli {

struct EnvironmentFact {
  std::string name;
  bool allowed = true;
  std::string detail;  // what was seen
  std::string mend;    // of what is not allowed: what would change it, and what goes without
};

/// Asked of the kernel, not of files that describe it. `host_root`: the directory that is scanned.
/// `lane` and `host`: the sandbox levels that were reached, or why that could not be tried.
std::vector<EnvironmentFact> environment_facts(const std::string& host_root,
                                               const lane::SandboxLevel& lane,
                                               const lane::SandboxLevel& host);

}  // namespace meridian::cli
