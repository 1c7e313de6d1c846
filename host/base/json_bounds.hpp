// SPDX-License-Identifier: Apache-2.0
//
// json_bounds.hpp: how deep and how full a JSON text is, before a parser builds a tree from it.
//
// Why: nlohmann's parser keeps a stack per level and 60 to 100 bytes per value; 16 MiB of "[[[["
// or "{},{}," would cost a hundred times their size.
#pragma once

#include <string_view>

#include "meridian/result.hpp"

namespace meridian::base {

/// kLimit past limits::kMaxJsonDepth or kMaxJsonValues. Says nothing about whether it is JSON.
Result<void> check_json_bounds(std::string_view text);

}  // namespace meridian::base
