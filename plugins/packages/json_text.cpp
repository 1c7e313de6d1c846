// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace meridian::packages {

using Json = nlohmann::json;

Result<Json> parse_json(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";  // that some Windows tools write
  if (text.substr(0, kMark.size()) == kMark) text.remove_prefix(kMark.size());
  std::size_t values = 0;
  const auto bounded = [&values](int depth, Json::parse_event_t event, Json&) {
    using Event = Json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if ((opens || event == Event::value) && values <= kMaxValues) ++values;
    return values <= kMaxValues && (!opens || depth < kMaxDepth);
  };
  Json json = Json::parse(text, bounded, false);
  if (values > kMaxValues) {
    return Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxValues) + " values");
  }
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
