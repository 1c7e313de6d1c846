// SPDX-License-Identifier: Apache-2.0
//
// trusted_access.hpp: whether this process sees trusted.* attributes at all.
#pragma once

namespace meridian::rootfs {

enum class TrustedAccess { kReadable, kHidden };

/// kReadable with CAP_SYS_ADMIN in the first user namespace. Without, the kernel says "no such
/// attribute" of each and lists none (stores.md, 7, "Privileges"): absence must not be believed.
TrustedAccess trusted_access();

}  // namespace meridian::rootfs
