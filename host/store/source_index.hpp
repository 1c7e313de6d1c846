// SPDX-License-Identifier: Apache-2.0
//
// source_index.hpp: "@N", the Nth image of an archive or layout, as containers/image counts them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::store {

/// The N of "@N"; nullopt when `wanted` is something else.
std::optional<std::size_t> source_index(std::string_view wanted);
/// kNotFound: `place` has `count` images, no such.
Error no_such_index(std::string_view place, std::size_t count, std::string_view wanted);

}  // namespace meridian::store
