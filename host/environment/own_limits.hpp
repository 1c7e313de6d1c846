// SPDX-License-Identifier: Apache-2.0
//
// own_limits.hpp: what the control group of this process bounds, versions 1 and 2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "environment/observed.hpp"

namespace meridian::environment {

/// The folder of the process's control group that has `controller` ("memory"), by /proc/self/cgroup
/// and the mounts; nullopt: it is not mounted where this process could see it. Pure.
std::optional<std::string> group_folder(std::string_view controller, std::string_view cgroup_text,
                                        const std::vector<store::MountDetails>& mounts);

/// Reads it.
Unlimited own_limits(const std::vector<store::MountDetails>& mounts);

}  // namespace meridian::environment
