// SPDX-License-Identifier: Apache-2.0
//
// manifest.cpp: see manifest.hpp.
#include "plugin/manifest.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "plugin/configuration.hpp"
#include "plugin/identity.hpp"
#include "plugin/json_text.hpp"

namespace meridian::plugin {
namespace {

using nlohmann::json;

Error wrong(std::string_view key, std::string_view what) {
  return Error(ErrorCode::kCorrupt, "'" + base::escape(key) + "' " + std::string(what));
}

/// Every key is one of `accepted`: a misspelt one would be ignored without a word.
Result<void> check_keys(const json& object, std::initializer_list<std::string_view> accepted) {
  for (const auto& item : object.items()) {
    if (std::find(accepted.begin(), accepted.end(), item.key()) != accepted.end()) continue;
    std::string list;
    for (const std::string_view name : accepted) {
      list.append(list.empty() ? "" : ", ").append(name);
    }
    return wrong(item.key(), "is not a known key; accepted: " + list);
  }
  return {};
}

enum class Presence { kOptional, kRequired };

Result<std::string> text(const json& object, const char* key, Presence presence) {
  const auto found = object.find(key);
  if (found == object.end()) {
    if (presence == Presence::kOptional) return std::string();
    return wrong(key, "is missing");
  }
  if (!found->is_string()) return wrong(key, "must be a text, it is " + shown(*found));
  const auto& value = found->get_ref<const std::string&>();
  if (value.size() > limits::kMaxText) {
    return wrong(key, "has " + std::to_string(value.size()) + " bytes, limit " +
                          std::to_string(limits::kMaxText));
  }
  if (presence == Presence::kRequired && value.empty()) return wrong(key, "is empty");
  return value;
}

Result<std::uint64_t> count(const json& object, const char* key, std::uint64_t most) {
  const auto found = object.find(key);
  if (found == object.end()) return std::uint64_t{0};
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() > most) {
    return wrong(
        key, "must be an integer from 0 to " + std::to_string(most) + ", it is " + shown(*found));
  }
  return found->get<std::uint64_t>();
}

Result<bool> flag(const json& object, const char* key, bool otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_boolean()) return wrong(key, "must be true or false, it is " + shown(*found));
  return found->get<bool>();
}

Result<ManifestRule> parse_rule(const json& object) {
  if (!object.is_object()) return wrong("rules", "holds " + shown(object) + ", not an object");
  MERIDIAN_CHECK(check_keys(object, {"id", "title", "severity", "help"}));
  ManifestRule rule;
  MERIDIAN_TRY(rule.id, text(object, "id", Presence::kRequired));
  if (!is_rule_id(rule.id)) {
    return wrong("id", "of a rule must be 1 to 63 of a-z, 0-9, '-'; it is " + shown(rule.id));
  }
  MERIDIAN_TRY(rule.title, text(object, "title", Presence::kRequired));
  MERIDIAN_TRY(rule.help, text(object, "help", Presence::kOptional));
  MERIDIAN_TRY(const std::string severity, text(object, "severity", Presence::kRequired));
  const auto parsed = finding::parse_severity(severity);
  if (!parsed) {
    return wrong("severity",
                 "must be critical, high, medium, low, info or unknown; it is " + shown(severity));
  }
  rule.severity = *parsed;
  return rule;
}

Result<std::vector<ManifestRule>> parse_rules(const json& manifest) {
  std::vector<ManifestRule> rules;
  const auto found = manifest.find("rules");
  if (found == manifest.end()) return rules;
  if (!found->is_array()) return wrong("rules", "must be an array");
  if (found->size() > limits::kMaxPluginRules) {
    return Error(ErrorCode::kLimit, std::to_string(found->size()) + " rules, limit " +
                                        std::to_string(limits::kMaxPluginRules));
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < found->size(); ++i) {
    auto rule = parse_rule((*found)[i]);
    if (!rule) return std::move(rule).error().in("rule " + std::to_string(i));
    if (!seen.insert(rule->id).second) return wrong("rules", "has '" + rule->id + "' twice");
    rules.push_back(*std::move(rule));
  }
  return rules;
}

Result<std::vector<ManifestData>> parse_data(const json& manifest) {
  constexpr std::size_t kMostData = 16;
  std::vector<ManifestData> data;
  const auto found = manifest.find("data");
  if (found == manifest.end()) return data;
  if (!found->is_array() || found->size() > kMostData) {
    return wrong("data", "must be an array of at most " + std::to_string(kMostData) + " objects");
  }
  for (const json& object : *found) {
    if (!object.is_object()) return wrong("data", "holds " + shown(object) + ", not an object");
    MERIDIAN_CHECK(check_keys(object, {"name", "schema"}));
    ManifestData one;
    MERIDIAN_TRY(one.name, text(object, "name", Presence::kRequired));
    MERIDIAN_TRY(one.schema, text(object, "schema", Presence::kRequired));
    if (!is_rule_id(one.name)) {
      return wrong("name", "of data must be 1 to 63 of a-z, 0-9, '-'; it is '" +
                               base::escape(one.name) + "'");
    }
    data.push_back(std::move(one));
  }
  std::sort(data.begin(), data.end());
  const auto same = [](const auto& a, const auto& b) { return a.name == b.name; };
  const auto twice = std::adjacent_find(data.begin(), data.end(), same);
  if (twice != data.end()) return wrong("data", "has '" + twice->name + "' twice");
  return data;
}

Result<std::vector<std::string>> parse_texts(const json& needs, const char* key) {
  std::vector<std::string> result;
  const auto found = needs.find(key);
  if (found == needs.end()) return result;
  if (!found->is_array() || found->size() > 64) {
    return wrong(key, "must be an array of at most 64 texts");
  }
  for (const json& item : *found) {
    if (!item.is_string()) return wrong(key, "holds " + shown(item) + ", not a text");
    result.push_back(item.get<std::string>());
  }
  return result;
}

Result<Needs> parse_needs(const json& manifest) {
  Needs needs;
  const auto found = manifest.find("needs");
  if (found == manifest.end()) return needs;
  if (!found->is_object()) return wrong("needs", "must be an object");
  MERIDIAN_CHECK(check_keys(*found, {"memory", "seconds_per_file", "scratch", "threads", "jit",
                                     "privileges", "plugins", "pure_layer_function"}));
  constexpr std::uint64_t kMostBytes = 1ull << 50;
  MERIDIAN_TRY(needs.memory, count(*found, "memory", kMostBytes));
  MERIDIAN_TRY(needs.seconds_per_file, count(*found, "seconds_per_file", 86'400));
  MERIDIAN_TRY(needs.scratch, count(*found, "scratch", kMostBytes));
  MERIDIAN_TRY(const std::uint64_t threads, count(*found, "threads", 1024));
  needs.threads = static_cast<std::uint32_t>(threads);
  MERIDIAN_TRY(needs.jit, flag(*found, "jit", false));
  MERIDIAN_TRY(needs.privileges, parse_texts(*found, "privileges"));
  MERIDIAN_TRY(needs.plugins, parse_texts(*found, "plugins"));
  for (const std::string& id : needs.plugins) {
    if (!is_plugin_id(id))
      return wrong("plugins", "holds '" + base::escape(id) + "', no plugin's id");
  }
  MERIDIAN_TRY(needs.pure_layer_function, flag(*found, "pure_layer_function", true));
  return needs;
}

Result<std::string> parse_configuration(const json& manifest) {
  const auto found = manifest.find("configuration");
  if (found == manifest.end()) return std::string();
  MERIDIAN_CHECK(check_configuration_schema(*found));
  return found->dump();
}

Result<void> check_identity(const Manifest& manifest) {
  if (!is_plugin_id(manifest.id)) {
    return wrong("id",
                 "must be a reverse-DNS name of 3 to 127 bytes of a-z, 0-9, '-' and '.' "
                 "('org.example.name'); it is " +
                     shown(manifest.id));
  }
  if (!is_version(manifest.version)) {
    return wrong("version",
                 "must be MAJOR.MINOR.PATCH, at most 31 bytes; it is " + shown(manifest.version));
  }
  if (!is_library_name(manifest.library)) {
    return wrong("library", "must name the '.so' file beside plugin.json, without '/'; it is " +
                                shown(manifest.library));
  }
  return {};
}

}  // namespace

Result<Manifest> Manifest::parse(std::string_view bytes) {
  if (bytes.size() > limits::kMaxManifest) {
    return Error(ErrorCode::kLimit, std::to_string(bytes.size()) + " bytes, limit " +
                                        std::to_string(limits::kMaxManifest));
  }
  MERIDIAN_TRY(const json object, parse_json(bytes));
  if (!object.is_object()) return Error(ErrorCode::kCorrupt, "not a JSON object");
  MERIDIAN_CHECK(check_keys(object, {"id", "version", "summary", "licence", "library", "rules",
                                     "data", "configuration", "needs", "$schema"}));
  Manifest manifest;
  MERIDIAN_TRY(manifest.id, text(object, "id", Presence::kRequired));
  MERIDIAN_TRY(manifest.version, text(object, "version", Presence::kRequired));
  MERIDIAN_TRY(manifest.summary, text(object, "summary", Presence::kRequired));
  MERIDIAN_TRY(manifest.licence, text(object, "licence", Presence::kRequired));
  MERIDIAN_TRY(manifest.library, text(object, "library", Presence::kRequired));
  MERIDIAN_CHECK(text(object, "$schema", Presence::kOptional));
  MERIDIAN_CHECK(check_identity(manifest));
  MERIDIAN_TRY(manifest.rules, parse_rules(object));
  MERIDIAN_TRY(manifest.data, parse_data(object));
  MERIDIAN_TRY(manifest.needs, parse_needs(object));
  auto configuration = parse_configuration(object);
  if (!configuration) return std::move(configuration).error().in("configuration");
  manifest.configuration = *std::move(configuration);
  return manifest;
}

}  // namespace meridian::plugin
