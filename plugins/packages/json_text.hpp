// SPDX-License-Identifier: Apache-2.0
//
// json_text.hpp: foreign JSON, within bounds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include <meridian/result.hpp>

namespace meridian::packages {

/// kCorrupt of what is no JSON. What lies deeper than kMaxDepth is left out: no file that is read
/// here has anything there, and a text of brackets alone would take fifty times its size.
Result<nlohmann::json> parse_json(std::string_view text);

constexpr int kMaxDepth = 64;  // package-lock.json of version 1 nests

/// The text under `key`; empty: none, or something else.
std::string json_text(const nlohmann::json& object, const char* key);

/// The value under `key`; null where it is not there or `object` is no object.
const nlohmann::json& json_at(const nlohmann::json& object, const char* key);

}  // namespace meridian::packages
