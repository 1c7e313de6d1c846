// SPDX-License-Identifier: Apache-2.0
//
// capabilities.hpp: Linux capabilities by name and number (capability.h of Linux 6.1).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::model {

/// Every capability, its number is its index: "CAP_CHOWN", ..., "CAP_CHECKPOINT_RESTORE".
std::span<const std::string_view> all_capabilities();
/// nullopt for a name that Linux 6.1 does not have.
std::optional<std::size_t> capability_number(std::string_view name);
/// What Docker, containerd and CRI-O give a container that asks for nothing; podman gives a part of
/// it. In the order in which dockerd writes them.
std::span<const std::string_view> default_capabilities();

/// Without repetitions, by number; names that are not known stand last, by name.
std::vector<std::string> in_order(const std::vector<std::string>& capabilities);

}  // namespace meridian::model
