// SPDX-License-Identifier: Apache-2.0
//
// json_fields.hpp: fields of feeds' JSON: absent, of another type and too long are all "not said".
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::data {

/// Of an id, a version, a name of a package. Nothing in it is a control byte: the database
/// separates by them.
inline constexpr std::size_t kMaxName = 512;
inline constexpr std::size_t kMaxSummary = 300;  // of an advisory, cut at a sentence or a word

/// A JSON value of at most json_bounds.hpp; kCorrupt, kLimit.
Result<nlohmann::json> parse_bounded(std::string_view text);

/// "" unless it is a text of at most kMaxName bytes without control bytes.
std::string name_of(const nlohmann::json& object, const char* key);
std::string name_of(const nlohmann::json& value);
/// The same of an array; what is no name is left out.
std::vector<std::string> names_of(const nlohmann::json& object, const char* key);
/// Words for people: control bytes become blanks, and what is too long is cut.
std::string words_of(const nlohmann::json& object, const char* key);
/// Null unless it is an array (object).
const nlohmann::json* array_of(const nlohmann::json& object, const char* key);
const nlohmann::json* object_of(const nlohmann::json& object, const char* key);

}  // namespace meridian::data
