// SPDX-License-Identifier: Apache-2.0
//
// host_devices.hpp: device nodes of the scanned machine, looked at and never opened.
#pragma once

#include <string>
#include <vector>

#include "model/oci_spec.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

/// The node at `path`, links followed, with an empty path; of a folder the nodes below it, by name,
/// with their paths from there. Empty: nothing is there, or it is neither.
std::vector<model::SpecDevice> devices_at(const rootfs::HostRoot& host, const std::string& path);

/// Every node of /dev that dockerd gives a privileged container, with whole paths.
std::vector<model::SpecDevice> privileged_devices(const rootfs::HostRoot& host);

}  // namespace meridian::store
