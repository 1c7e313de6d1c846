// SPDX-License-Identifier: Apache-2.0
//
// engine_version.hpp: which dockerd is installed, as the package database says. No file of a data
// root does.
#pragma once

#include <string>
#include <string_view>

#include "rootfs/host_root.hpp"

namespace meridian::store {

/// Of a text like /var/lib/dpkg/status: "20.10.24+dfsg1-1+deb12u1 (docker.io)"; empty: no package
/// of Docker is installed.
std::string dockerd_of_dpkg(std::string_view status);

/// Empty: not known (no dpkg, or dockerd came another way).
std::string installed_dockerd(const rootfs::HostRoot& host);

}  // namespace meridian::store
