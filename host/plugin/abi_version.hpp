// SPDX-License-Identifier: Apache-2.0
//
// abi_version.hpp: the plugin interface that this host serves.
#pragma once

#include <cstdint>

#include "meridian/abi/entry.h"

namespace meridian::plugin {

inline constexpr std::uint32_t kAbiMajor = MERIDIAN_ABI_MAJOR;
inline constexpr std::uint32_t kAbiMinor = MERIDIAN_ABI_MINOR;
inline constexpr std::uint32_t kModelVersion = MERIDIAN_MODEL_VERSION;

}  // namespace meridian::plugin
