// SPDX-License-Identifier: Apache-2.0
//
// json_text.cpp: see json_text.hpp.
#include "plugin/json_text.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/escape.hpp"
#include "base/json_bounds.hpp"
#include "base/system_error.hpp"

namespace meridian::plugin {

using nlohmann::json;

Result<json> parse_json(std::string_view text) {
  MERIDIAN_CHECK(base::check_json_bounds(text));
  std::vector<std::set<std::string>> objects;
  std::string twice;
  const auto note_keys = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) objects.emplace_back();
    if (event == json::parse_event_t::object_end) objects.pop_back();
    if (event == json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!objects.back().insert(key).second) twice = key;
    }
    return true;
  };
  // The throwing parse, for only its words name line and column.
  MERIDIAN_TRY(json value, base::seam("not JSON", [&] { return json::parse(text, note_keys); }));
  if (!twice.empty()) {
    return Error(ErrorCode::kCorrupt, "key '" + base::escape(twice) + "' stands twice");
  }
  return value;
}

std::string shown(const json& value) {
  constexpr std::size_t kLongest = 80;
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kLongest) text.replace(kLongest, std::string::npos, "...");
  return text;
}

}  // namespace meridian::plugin
