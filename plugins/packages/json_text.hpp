// SPDX-License-Identifier: Apache-2.0
//
// json_text.hpp: foreign JSON, within bounds.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include <meridian/result.hpp>

namespace meridian::packages {

/// kCorrupt of what is no JSON, kLimit of more than kMaxValues values, of which each takes a
/// hundred bytes. What lies deeper than kMaxDepth is left out: no file that is read here has
/// anything there.
Result<nlohmann::json> parse_json(std::string_view text);

constexpr int kMaxDepth = 64;                  // package-lock.json of version 1 nests
constexpr std::size_t kMaxValues = 1'000'000;  // a lock file of 5,000 packages has 100,000

/// The text under `key`; empty: none, or something else.
std::string json_text(const nlohmann::json& object, const char* key);

/// The value under `key`; null where it is not there or `object` is no object.
const nlohmann::json& json_at(const nlohmann::json& object, const char* key);

}  // namespace meridian::packages
