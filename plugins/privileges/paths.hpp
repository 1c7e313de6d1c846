// SPDX-License-Identifier: Apache-2.0
//
// paths.hpp: the ways from a container to its host, by what opens them. Each function gives those
// of one kind; together they are what the plugin reports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meridian/finding.hpp>
#include <meridian/target.hpp>

#include "standing.hpp"

namespace meridian::privileges {

/// One way to the host.
struct PathToHost {
  std::string_view rule;  // of rule_table()
  std::string field;      // "mount:/etc", "capability:CAP_SYS_ADMIN", ...
  std::string message;    // what it leads to
  std::string evidence;   // the settings that open it, together
  Severity severity = Severity::kUnknown;
  Confidence confidence = Confidence::kHigh;
};

struct Subject {
  const Privileges& privileges;
  const Standing& standing;
};

using Paths = std::vector<PathToHost>;

/// --privileged: one path that takes the place of the next three.
void privileged_path(const Subject& subject, Paths& out);
void capability_paths(const Subject& subject, Paths& out);
/// seccomp, AppArmor, SELinux, and what of /proc is not covered.
void confinement_paths(const Subject& subject, Paths& out);
void device_paths(const Subject& subject, Paths& out);

void namespace_paths(const Subject& subject, Paths& out);
void mount_paths(const Subject& subject, Paths& out);

/// All of them; `isolation` as for Standing.
Paths paths_to_host(const Privileges& privileges, const std::optional<Isolation>& isolation);

}  // namespace meridian::privileges
