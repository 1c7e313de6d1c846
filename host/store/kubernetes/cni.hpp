// SPDX-License-Identifier: Apache-2.0
//
// cni.hpp: a network configuration of the Container Network Interface (CNI specification 1.0,
// section 1).
#pragma once

#include <string_view>

#include "meridian/result.hpp"
#include "model/kubernetes.hpp"

namespace meridian::store::kubernetes {

/// A list of plugins (.conflist), or one plugin alone (.conf, .json); without its file. Any text:
/// kCorrupt, kLimit.
Result<model::CniNetwork> parse_cni(std::string_view json);

}  // namespace meridian::store::kubernetes
