// SPDX-License-Identifier: Apache-2.0
#include "report/json_bytes.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"

namespace meridian::report {

std::string json_text(const std::string& bytes) {
  return base::is_utf8(bytes) ? bytes : base::escape(bytes);
}

void put_bytes(nlohmann::ordered_json& object, const char* key, const std::string& bytes) {
  object[key] = json_text(bytes);
  if (!base::is_utf8(bytes)) object[std::string(key) + "_base64"] = base::base64(bytes);
}

}  // namespace meridian::report
