// SPDX-License-Identifier: Apache-2.0
#include "model/json.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "base/json_bounds.hpp"
#include "base/system_error.hpp"

namespace meridian::model {
namespace {

using Node = nlohmann::json;
using Type = Node::value_t;

/// Of what is wrong with a text that is no JSON.
constexpr std::size_t kShownMessage = 300;

const Node& node_of(const std::shared_ptr<const void>& pointer) {
  static const Node kNull;
  return pointer ? *static_cast<const Node*>(pointer.get()) : kNull;
}

std::shared_ptr<const void> part_of(const std::shared_ptr<const void>& whole, const Node& part) {
  return {whole, &part};
}

Error wrong_type(const Node& node, const char* wanted) {
  return Error(ErrorCode::kCorrupt, std::string("is ") + node.type_name() + ", not " + wanted);
}

bool equal_in_any_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string named(std::string_view key) { return "'" + std::string(key) + "'"; }

}  // namespace

Result<Json> Json::parse(std::string_view text) {
  MERIDIAN_CHECK(base::check_json_bounds(text));
  auto parsed = base::seam("JSON", [&]() -> std::shared_ptr<const void> {
    return std::make_shared<const Node>(Node::parse(text));
  });
  if (parsed) return Json(*std::move(parsed));
  // The message quotes the text, a whole string of it if need be.
  const std::string_view message = parsed.error().message();
  return Error(parsed.error().code(), base::escape(message.substr(0, kShownMessage)));
}

bool Json::is_null() const { return node_of(node_).is_null(); }
bool Json::is_object() const { return node_of(node_).is_object(); }
bool Json::is_list() const { return node_of(node_).is_array(); }

bool Json::has(std::string_view key) const {
  const auto value = member(key);
  return value && !value->is_null();
}

Result<Json> Json::member(std::string_view key) const {
  const Node& node = node_of(node_);
  if (node.is_null()) return Json();
  if (!node.is_object()) return wrong_type(node, "an object");
  const auto& object = node.get_ref<const Node::object_t&>();
  auto found = object.find(std::string(key));
  if (found == object.end()) {
    found = std::find_if(object.begin(), object.end(),
                         [&](const auto& item) { return equal_in_any_case(item.first, key); });
  }
  return found == object.end() ? Json() : Json(part_of(node_, found->second));
}

Result<Json> Json::object(std::string_view key) const {
  MERIDIAN_TRY(Json value, member(key));
  if (value.is_null() || value.is_object()) return value;
  return wrong_type(node_of(value.node_), "an object").in(named(key));
}

Result<std::vector<Json>> Json::list(std::string_view key) const {
  MERIDIAN_TRY(const Json value, member(key));
  if (value.is_null()) return std::vector<Json>();
  auto elements = value.elements();
  if (!elements) return std::move(elements).error().in(named(key));
  return elements;
}

Result<std::string> Json::text(std::string_view key) const {
  MERIDIAN_TRY(const Json value, member(key));
  if (value.is_null()) return std::string();
  auto text = value.as_text();
  if (!text) return std::move(text).error().in(named(key));
  return text;
}

Result<bool> Json::flag(std::string_view key) const {
  MERIDIAN_TRY(const Json value, member(key));
  const Node& node = node_of(value.node_);
  if (node.is_null()) return false;
  if (!node.is_boolean()) return wrong_type(node, "a boolean").in(named(key));
  return node.get_ref<const bool&>();
}

Result<std::optional<std::int64_t>> Json::integer(std::string_view key) const {
  MERIDIAN_TRY(const Json value, member(key));
  const Node& node = node_of(value.node_);
  if (node.is_null()) return std::optional<std::int64_t>();
  if (!node.is_number_integer()) return wrong_type(node, "a whole number").in(named(key));
  if (node.is_number_unsigned()) {
    const auto natural = node.get<std::uint64_t>();
    if (natural > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return Error(ErrorCode::kCorrupt, "is out of range").in(named(key));
    }
  }
  return std::optional(node.get<std::int64_t>());
}

Result<std::optional<std::uint64_t>> Json::natural(std::string_view key) const {
  MERIDIAN_TRY(const Json value, member(key));
  if (value.is_null()) return std::optional<std::uint64_t>();
  auto number = value.as_natural();
  if (!number) return std::move(number).error().in(named(key));
  return std::optional(*number);
}

Result<std::vector<std::string>> Json::texts(std::string_view key) const {
  MERIDIAN_TRY(const auto values, list(key));
  std::vector<std::string> texts;
  for (const Json& value : values) {
    if (value.is_null()) {
      texts.emplace_back();
      continue;
    }
    auto text = value.as_text();
    if (!text) {
      return std::move(text).error().in(named(key) + "[" + std::to_string(texts.size()) + "]");
    }
    texts.push_back(*std::move(text));
  }
  return texts;
}

Result<std::vector<std::string>> Json::words(std::string_view key) const {
  MERIDIAN_TRY(const Json value, member(key));
  if (!node_of(value.node_).is_string()) return texts(key);
  MERIDIAN_TRY(std::string word, value.as_text());
  return std::vector<std::string>{std::move(word)};
}

Result<std::map<std::string, std::string>> Json::text_map(std::string_view key) const {
  MERIDIAN_TRY(const Json value, object(key));
  MERIDIAN_TRY(const auto items, value.members());
  std::map<std::string, std::string> map;
  for (const auto& [name, item] : items) {
    auto text = item.is_null() ? Result<std::string>(std::string()) : item.as_text();
    if (!text) return std::move(text).error().in(named(key));
    map.emplace(name, *std::move(text));
  }
  return map;
}

Result<std::vector<std::pair<std::string, Json>>> Json::members() const {
  const Node& node = node_of(node_);
  std::vector<std::pair<std::string, Json>> members;
  if (node.is_null()) return members;
  if (!node.is_object()) return wrong_type(node, "an object");
  for (const auto& [key, value] : node.get_ref<const Node::object_t&>()) {
    members.emplace_back(key, Json(part_of(node_, value)));
  }
  return members;
}

Result<std::vector<Json>> Json::elements() const {
  const Node& node = node_of(node_);
  if (!node.is_array()) return wrong_type(node, "a list");
  std::vector<Json> elements;
  for (const Node& value : node) elements.push_back(Json(part_of(node_, value)));
  return elements;
}

Result<std::string> Json::as_text() const {
  const Node& node = node_of(node_);
  if (!node.is_string()) return wrong_type(node, "a string");
  return node.get_ref<const std::string&>();
}

Result<std::uint64_t> Json::as_natural() const {
  const Node& node = node_of(node_);
  if (!node.is_number_unsigned()) return wrong_type(node, "a whole number from 0");
  return node.get<std::uint64_t>();
}

}  // namespace meridian::model
