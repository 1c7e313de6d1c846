// SPDX-License-Identifier: Apache-2.0
#include "data/json_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "base/json_bounds.hpp"

namespace meridian::data {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

Result<nlohmann::json> parse_bounded(std::string_view text) {
  MERIDIAN_CHECK(base::check_json_bounds(text));
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return Error(ErrorCode::kCorrupt, "not JSON");
  return value;
}

std::string name_of(const nlohmann::json& value) {
  if (!value.is_string()) return "";
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > kMaxName || std::any_of(text.begin(), text.end(), is_control)) return "";
  return text;
}

std::string name_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? "" : name_of(*found);
}

std::vector<std::string> names_of(const nlohmann::json& object, const char* key) {
  std::vector<std::string> names;
  const nlohmann::json* const list = array_of(object, key);
  if (list == nullptr) return names;
  for (const auto& value : *list) {
    if (std::string name = name_of(value); !name.empty()) names.push_back(std::move(name));
  }
  return names;
}

std::string words_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return "";
  std::string text = found->get_ref<const std::string&>().substr(0, kMaxSummary + 1);
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  if (text.size() <= kMaxSummary) return base::is_utf8(text) ? text : "";
  const std::size_t blank = text.rfind(' ', kMaxSummary - 3);
  if (blank == std::string::npos) return "";
  text.resize(blank);
  return base::is_utf8(text) ? text + "..." : "";
}

const nlohmann::json* array_of(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

const nlohmann::json* object_of(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? &*found : nullptr;
}

}  // namespace meridian::data
