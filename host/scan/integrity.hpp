// SPDX-License-Identifier: Apache-2.0
//
// integrity.hpp: whether a layer's bytes are what the image says they are.
#pragma once

#include <optional>
#include <string>

#include "model/layer.hpp"

namespace meridian::scan {

/// Names both digests where one that was computed is not the one that is claimed, of the stored
/// bytes or the decoded ones. What was not computed, or with another algorithm, claims nothing.
std::optional<std::string> integrity_fault(const model::Layer& layer,
                                           const std::optional<std::string>& stored,
                                           const std::optional<std::string>& decoded);

}  // namespace meridian::scan
