// SPDX-License-Identifier: Apache-2.0
//
// engine_facts.hpp: what dockerd takes from its machine for a spec, read below the host root.
#pragma once

#include <string_view>
#include <vector>

#include "rootfs/host_root.hpp"
#include "store/docker/spec_synthesis.hpp"

namespace meridian::store {

/// `root`: the data root. What cannot be read has the value that most machines have. Leaves
/// data_root and exec_root to the caller.
EngineFacts read_engine_facts(const rootfs::HostRoot& host, const model::HostPath& root);

/// "100000.100000" of a data root that userns-remap made, else empty.
std::string_view remap_name(std::string_view data_root);

/// The ranges of the user whose first range starts at `first`, in a text like /etc/subuid, one
/// after the other from 0 in the container (moby, idtools). Without such a user: 65536 ids.
std::vector<model::SpecIdMapping> remapped_ids(std::string_view subordinate, std::uint32_t first);

}  // namespace meridian::store
