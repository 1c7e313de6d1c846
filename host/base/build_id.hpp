// SPDX-License-Identifier: Apache-2.0
//
// build_id.hpp: which build is running.
#pragma once

#include <string>

namespace meridian::base {

/// The bytes of the linker's build id of this program (ld(1), --build-id): a digest of what it
/// wrote, so that another build has another. Empty: it was linked without one.
std::string build_id();

}  // namespace meridian::base
