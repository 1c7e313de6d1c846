// SPDX-License-Identifier: Apache-2.0
//
// json_bytes.hpp: bytes that may be no UTF-8, in JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace meridian::report {

/// As it is, or escaped for people where it is no UTF-8.
std::string json_text(const std::string& bytes);

/// `key` for people; where that is not the bytes themselves, `key`_base64 has them.
void put_bytes(nlohmann::ordered_json& object, const char* key, const std::string& bytes);

}  // namespace meridian::report
