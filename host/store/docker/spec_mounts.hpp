// SPDX-License-Identifier: Apache-2.0
//
// spec_mounts.hpp: the mounts of a synthesised spec: dockerd's own, volumes, binds, tmpfs, the
// files that the engine makes (moby 20.10, daemon/oci_linux.go, WithMounts).
#pragma once

#include "meridian/result.hpp"
#include "store/docker/spec_synthesis.hpp"

namespace meridian::store {

/// Sets `mounts` and `rootfs_propagation` of a spec whose mounts are dockerd's own so far.
/// kCorrupt for tmpfs options that dockerd refuses.
Result<void> add_mounts(const ContainerRecord& record, const HostConfig& host,
                        const EngineFacts& engine, const SpecContext& context,
                        model::OciSpec& spec);

/// What is mounted over the root file system, as values for a reader: the record's mount points and
/// the tmpfs that only hostconfig.json has. By destination.
std::vector<model::Mount> listed_mounts(const ContainerRecord& record, const HostConfig* host,
                                        const std::string& data_root);

/// "/etc/hosts", ... -> the file on the host. A file of the user's own that is mounted there is no
/// engine's file.
std::map<std::string, std::string> engine_files(const ContainerRecord& record);

}  // namespace meridian::store
