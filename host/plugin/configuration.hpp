// SPDX-License-Identifier: Apache-2.0
//
// configuration.hpp: the configuration schema of a plugin, which is foreign itself.
//
// Decision: a subset of draft 7: an object of scalars and arrays of strings, as meridian_config can
// carry, without "$ref", "pattern" and "multipleOf".
// Because: a reference may loop or reach out, std::regex recurses once a character, and
// valijson 1.0 divides by a multiple of zero. Instead of: trusting a validator with every schema
// that somebody ships.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "meridian/result.hpp"

namespace meridian::plugin {

/// kCorrupt names the option and the keyword that is not taken, or the default that the schema
/// itself refuses.
Result<void> check_configuration_schema(const nlohmann::json& schema);

}  // namespace meridian::plugin
