// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace meridian::packages {

using Json = nlohmann::json;

Result<Json> parse_json(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";  // that some Windows tools write
  if (text.substr(0, kMark.size()) == kMark) text.remove_prefix(kMark.size());
  const auto shallow = [](int depth, Json::parse_event_t event, Json&) {
    const bool opens =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    return !opens || depth < kMaxDepth;
  };
  Json json = Json::parse(text, shallow, false);
  if (json.is_discarded()) return Error(ErrorCode::kCorrupt, "is no JSON");
  return json;
}

std::string json_text(const Json& object, const char* key) {
  const Json& value = json_at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

const Json& json_at(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

}  // namespace meridian::packages
