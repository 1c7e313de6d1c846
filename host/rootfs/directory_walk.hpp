// SPDX-License-Identifier: Apache-2.0
//
// directory_walk.hpp: visits everything below an open directory.
#pragma once

#include <string>

#include "rootfs/host_root.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// As Tree::walk. One statx an entry, and nothing is opened but directories, unless the visitor
/// asks. Holds at most kOpenDirectories descriptors however deep the tree is.
Result<void> walk_directory(int root, const std::string& name, LookupMode mode, Visitor& visitor);

/// Of one walk. Deeper trees are walked down again from the top on the way back.
inline constexpr std::size_t kOpenDirectories = 32;

}  // namespace meridian::rootfs
