// SPDX-License-Identifier: Apache-2.0
//
// own_bundles.hpp: which libraries were built together with this host: they may share a lane.
#pragma once

#include <set>
#include <string>

#include "meridian/result.hpp"

namespace meridian::plugin {

/// The list that `cmake --install` writes (cmake/OwnBundles.cmake): a digest "sha256:..." of a
/// library on each line. kRefused unless file and folder are root's and nobody else can write them:
/// who can, would decide which plugins see each other.
Result<std::set<std::string>> read_own_bundles(const std::string& path);

}  // namespace meridian::plugin
