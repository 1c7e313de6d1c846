// SPDX-License-Identifier: Apache-2.0
//
// configuration.cpp: see configuration.hpp; and configure() and typed_setting() of manifest.hpp.
#include "plugin/configuration.hpp"

// Without it valijson ends the process over a schema it does not like.
#define VALIJSON_USE_EXCEPTIONS 1

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "plugin/json_text.hpp"
#include "plugin/manifest.hpp"

namespace meridian::plugin {
namespace {

using nlohmann::json;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

Error refused_keyword(const std::string& keyword) {
  return Error(ErrorCode::kCorrupt, "keyword '" + base::escape(keyword) + "' is not taken here");
}

bool is_annotation(std::string_view keyword) {
  return is_one_of(keyword, {"title", "description", "$comment", "examples"});
}

Result<void> check_items(const json& items) {
  if (!items.is_object() || items.value("type", json()) != "string") {
    return Error(ErrorCode::kCorrupt, "'items' must be an object of type string");
  }
  for (const auto& item : items.items()) {
    if (is_annotation(item.key())) continue;
    if (!is_one_of(item.key(), {"type", "enum", "minLength", "maxLength"})) {
      return refused_keyword(item.key());
    }
  }
  return {};
}

bool fits_integer(const json& value) {
  return !value.is_number_unsigned() ||
         value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
}

Result<int> compile(const json& option, valijson::Schema& schema) {
  return base::seam("schema", [&] {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(option), schema);
    return 0;
  });
}

/// `value` by the schema of one option. The message is the validator's first.
Result<void> validate(const json& option, const json& value) {
  if (!fits_integer(value)) return Error(ErrorCode::kInvalid, "does not fit 64 bits with a sign");
  valijson::Schema schema;
  MERIDIAN_CHECK(compile(option, schema));
  valijson::ValidationResults results;
  MERIDIAN_TRY(const bool valid, base::seam("schema", [&] {
                 return valijson::Validator(valijson::Validator::kStrongTypes)
                     .validate(schema, valijson::adapters::NlohmannJsonAdapter(value), &results);
               }));
  if (valid) return {};
  valijson::ValidationResults::Error first;
  results.popError(first);
  return Error(ErrorCode::kInvalid, shown(value) + " is not valid: " + first.description);
}

Result<void> check_option(const json& option) {
  if (!option.is_object()) return Error(ErrorCode::kCorrupt, "must be an object");
  const json type = option.value("type", json());
  if (!type.is_string() || !is_one_of(type.get_ref<const std::string&>(),
                                      {"string", "integer", "number", "boolean", "array"})) {
    return Error(ErrorCode::kCorrupt,
                 "'type' must be string, integer, number, boolean or array; it is " + shown(type));
  }
  for (const auto& item : option.items()) {
    const std::string& key = item.key();
    if (is_annotation(key)) continue;
    if (!is_one_of(key, {"type", "default", "enum", "const", "minimum", "maximum",
                         "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "items",
                         "minItems", "maxItems", "uniqueItems"})) {
      return refused_keyword(key);
    }
  }
  if (type == "array" && !option.contains("items")) {
    return Error(ErrorCode::kCorrupt, "an array needs 'items'");
  }
  if (option.contains("items")) MERIDIAN_CHECK(check_items(option["items"]));
  valijson::Schema schema;
  MERIDIAN_CHECK(compile(option, schema));
  if (!option.contains("default")) return {};
  auto valid = validate(option, option["default"]);
  if (!valid) return std::move(valid).error().in("default");
  return {};
}

Result<void> check_required(const json& schema, const json& properties) {
  const auto required = schema.find("required");
  if (required == schema.end()) return {};
  if (!required->is_array()) return Error(ErrorCode::kCorrupt, "'required' must be an array");
  for (const json& name : *required) {
    if (!name.is_string() || !properties.contains(name.get<std::string>())) {
      return Error(ErrorCode::kCorrupt, "'required' names " + shown(name) + ", not an option");
    }
  }
  return {};
}

json schema_of(const Manifest& manifest) {
  // The manifest was parsed, so its schema is an object that passed the check.
  json schema = manifest.configuration.empty()
                    ? json::object()
                    : json::parse(manifest.configuration, nullptr, false);
  if (!schema.is_object()) schema = json::object();
  if (!schema.contains("properties")) schema["properties"] = json::object();
  return schema;
}

/// An error that names plugin, option and what would have been accepted.
Error option_error(const Manifest& manifest, std::string_view key, std::string_view what) {
  std::string accepted;
  const json schema = schema_of(manifest);
  for (const auto& item : schema["properties"].items()) {
    accepted.append(accepted.empty() ? "" : ", ").append(base::escape(item.key()));
  }
  return Error(ErrorCode::kInvalid, "plugin " + manifest.id + ": option '" + base::escape(key) +
                                        "' " + std::string(what) + "; accepted options: " +
                                        (accepted.empty() ? "none" : accepted));
}

Result<json> typed_value(const json& option, std::string_view value) {
  const std::string type = option["type"].get<std::string>();
  const char* const end = value.data() + value.size();
  if (type == "boolean") {
    if (value == "true" || value == "false") return json(value == "true");
    return Error(ErrorCode::kInvalid, "takes true or false");
  }
  if (type == "integer") {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error == std::errc() && stop == end) return json(number);
    return Error(ErrorCode::kInvalid, "takes an integer");
  }
  if (type == "number") {
    double number = 0;
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error == std::errc() && stop == end && std::isfinite(number)) return json(number);
    return Error(ErrorCode::kInvalid, "takes a number");
  }
  if (!base::is_utf8(value)) return Error(ErrorCode::kInvalid, "takes text in UTF-8");
  if (type == "string") return json(std::string(value));
  json list = json::array();
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    list.push_back(std::string(value.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
    if (value.empty()) list.push_back("");
  }
  return list;
}

}  // namespace

Result<void> check_configuration_schema(const json& schema) {
  if (!schema.is_object()) return Error(ErrorCode::kCorrupt, "must be a JSON Schema object");
  for (const auto& item : schema.items()) {
    if (is_annotation(item.key())) continue;
    if (!is_one_of(item.key(),
                   {"$schema", "type", "properties", "required", "additionalProperties"})) {
      return refused_keyword(item.key());
    }
  }
  if (schema.value("type", json("object")) != "object") {
    return Error(ErrorCode::kCorrupt, "'type' must be object");
  }
  if (schema.value("additionalProperties", json(false)) != false) {
    return Error(ErrorCode::kCorrupt, "'additionalProperties' must be false");
  }
  const json properties = schema.value("properties", json::object());
  if (!properties.is_object()) return Error(ErrorCode::kCorrupt, "'properties' must be an object");
  if (properties.size() > limits::kMaxOptions) {
    return Error(ErrorCode::kLimit, std::to_string(properties.size()) + " options, limit " +
                                        std::to_string(limits::kMaxOptions));
  }
  for (const auto& item : properties.items()) {
    auto checked = check_option(item.value());
    if (!checked) {
      return std::move(checked).error().in("option '" + base::escape(item.key()) + "'");
    }
  }
  return check_required(schema, properties);
}

Result<std::string> configure(const Manifest& manifest, std::string_view settings) {
  auto parsed = parse_json(settings);
  if (!parsed || !parsed->is_object()) {
    return Error(ErrorCode::kInvalid, "plugin " + manifest.id + ": settings are no JSON object" +
                                          (parsed ? "" : ": " + parsed.error().message()));
  }
  json values = *std::move(parsed);
  const json schema = schema_of(manifest);
  const json& options = schema["properties"];
  for (const auto& item : values.items()) {
    if (!options.contains(item.key())) return option_error(manifest, item.key(), "is not known");
    const auto valid = validate(options[item.key()], item.value());
    if (!valid) return option_error(manifest, item.key(), valid.error().message());
  }
  for (const auto& item : options.items()) {
    const auto fallback = item.value().find("default");
    if (values.contains(item.key())) continue;
    if (fallback != item.value().end()) values[item.key()] = *fallback;
  }
  for (const json& name : schema.value("required", json::array())) {
    if (!values.contains(name.get<std::string>())) {
      return option_error(manifest, name.get<std::string>(), "is required");
    }
  }
  return values.dump();
}

Result<std::string> typed_setting(const Manifest& manifest, std::string_view key,
                                  std::string_view value) {
  const json schema = schema_of(manifest);
  const auto option = schema["properties"].find(std::string(key));
  if (option == schema["properties"].end()) return option_error(manifest, key, "is not known");
  auto typed = typed_value(*option, value);
  if (typed) {
    const auto valid = validate(*option, *typed);
    if (valid) return json{{std::string(key), *typed}}.dump();
    return option_error(manifest, key, valid.error().message());
  }
  return option_error(
      manifest, key, typed.error().message() + ", it was given " + shown(json(std::string(value))));
}

}  // namespace meridian::plugin
