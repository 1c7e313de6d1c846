// SPDX-License-Identifier: Apache-2.0
//
// json_text.hpp: foreign JSON text into a value, strictly: bounded, and no key given twice (two
// readers could take different ones).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::plugin {

/// kCorrupt with line and column, or the key that stands twice; kLimit past
/// base::check_json_bounds.
Result<nlohmann::json> parse_json(std::string_view text);

/// A value for people, on one line and cut where it is long.
std::string shown(const nlohmann::json& value);

}  // namespace meridian::plugin
