// SPDX-License-Identifier: Apache-2.0
//
// rootless.hpp: which users of the host a user's own containers are. Podman without root makes a
// user namespace for all of a user's containers, which stands in none of their specs.
//
// Facts: podman(1), "Rootless mode"; subuid(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/privileges.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store::containers_storage {

/// 0 is the user himself, then come the ranges that one of /etc/subuid or /etc/subgid gives him, in
/// order, by name or number. Any text.
std::vector<model::SpecIdMapping> rootless_mappings(std::string_view subordinate,
                                                    const std::string& name, std::uint32_t id);

struct RootlessIds {
  std::vector<model::SpecIdMapping> uids, gids;  // none: the store is root's
};

/// Of the owner of a graph root. Files that cannot be read give no ranges.
RootlessIds rootless_ids(const rootfs::HostRoot& host, const model::HostPath& root);

/// What was derived from a spec, as it is inside that user namespace.
void put_inside(const RootlessIds& ids, model::Privileges& privileges);

}  // namespace meridian::store::containers_storage
