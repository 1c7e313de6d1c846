// SPDX-License-Identifier: Apache-2.0
//
// one_target.hpp: a REF where one object is wanted: an ambiguous one is an error that lists the
// candidates.
#pragma once

#include "cli/wiring.hpp"

namespace meridian::cli {

enum class Wanted { kAny, kImage, kContainer };

/// kNotFound for a REF that names nothing of that kind, kInvalid with the candidates for one that
/// names several.
Result<scan::PlannedTarget> one_target(const model::Inventory& inventory, const scan::Wish& wish,
                                       Wanted wanted,
                                       const std::optional<model::Platform>& platform);

}  // namespace meridian::cli
