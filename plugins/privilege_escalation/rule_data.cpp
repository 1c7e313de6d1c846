// SPDX-License-Identifier: Apache-2.0
#include "rule_data.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace meridian::privilege_escalation {
namespace {

using nlohmann::json;

Error wrong(const std::string& where, std::string_view what) {
  return Error(ErrorCode::kCorrupt, where + ": " + std::string(what));
}

Result<std::string> text(const json& object, const char* key, const std::string& where,
                         bool needed) {
  const auto found = object.find(key);
  if (found == object.end() && !needed) return std::string();
  const auto* value = found == object.end() ? nullptr : found->get_ptr<const json::string_t*>();
  if (value == nullptr) return wrong(where, std::string("'") + key + "' is not a text");
  return *value;
}

Result<std::uint32_t> number(const json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end()) return 0U;
  const auto* value = found->get_ptr<const json::number_unsigned_t*>();
  if (value == nullptr || *value > UINT32_MAX) {
    return wrong(where, std::string("'") + key + "' is not a number");
  }
  return static_cast<std::uint32_t>(*value);
}

Result<void> only(const json& object, const std::set<std::string>& known,
                  const std::string& where) {
  for (const auto& item : object.items()) {
    if (known.count(item.key()) == 0) return wrong(where, "key '" + item.key() + "' is not known");
  }
  return {};
}

Result<ExampleFile> parse_file(const json& object, const std::string& where) {
  if (!object.is_object()) return wrong(where, "a file is not an object");
  MERIDIAN_CHECK(only(
      object, {"path", "type", "mode", "uid", "gid", "content", "capability", "major", "minor"},
      where));
  ExampleFile file;
  MERIDIAN_TRY(file.path, text(object, "path", where, true));
  MERIDIAN_TRY(file.type, text(object, "type", where, false));
  MERIDIAN_TRY(file.content, text(object, "content", where, false));
  MERIDIAN_TRY(file.capability, text(object, "capability", where, false));
  MERIDIAN_TRY(const std::string mode, text(object, "mode", where, false));
  for (const char digit : mode) {
    if (digit < '0' || digit > '7' || mode.size() > 4) return wrong(where, "'mode' is not octal");
    file.mode = file.mode * 8 + static_cast<std::uint32_t>(digit - '0');
  }
  if (mode.empty()) file.mode = file.type == "folder" ? 0755 : 0644;
  MERIDIAN_TRY(file.uid, number(object, "uid", where));
  MERIDIAN_TRY(file.gid, number(object, "gid", where));
  MERIDIAN_TRY(file.major, number(object, "major", where));
  MERIDIAN_TRY(file.minor, number(object, "minor", where));
  return file;
}

Result<std::vector<Example>> parse_examples(const json& rule, const char* key,
                                            const std::string& where) {
  std::vector<Example> examples;
  const auto found = rule.find(key);
  if (found == rule.end() || !found->is_array()) {
    return wrong(where, std::string("'") + key + "' is not a list");
  }
  for (const json& item : *found) {
    if (!item.is_object()) return wrong(where, "an example is not an object");
    MERIDIAN_CHECK(only(item, {"files", "PATH"}, where));
    Example example;
    MERIDIAN_TRY(example.path_variable, text(item, "PATH", where, false));
    const auto files = item.find("files");
    if (files == item.end() || !files->is_array()) return wrong(where, "an example has no files");
    for (const json& one : *files) {
      MERIDIAN_TRY(auto file, parse_file(one, where));
      example.files.push_back(std::move(file));
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

Result<Severity> severity_of(const std::string& word, const std::string& where) {
  if (word == "critical") return Severity::kCritical;
  if (word == "high") return Severity::kHigh;
  if (word == "medium") return Severity::kMedium;
  if (word == "low") return Severity::kLow;
  if (word == "info") return Severity::kInfo;
  return wrong(where, "severity '" + word + "' is none");
}

Result<RuleText> parse_rule(const json& object, std::size_t index) {
  std::string where = "rule " + std::to_string(index);
  if (!object.is_object()) return wrong(where, "is not an object");
  RuleText rule;
  MERIDIAN_TRY(rule.id, text(object, "id", where, true));
  where = "rule '" + rule.id + "'";
  MERIDIAN_CHECK(only(
      object, {"id", "severity", "title", "references", "remediation", "positives", "negatives"},
      where));
  MERIDIAN_TRY(const std::string severity, text(object, "severity", where, true));
  MERIDIAN_TRY(rule.severity, severity_of(severity, where));
  MERIDIAN_TRY(rule.title, text(object, "title", where, true));
  MERIDIAN_TRY(rule.remediation, text(object, "remediation", where, true));
  const auto references = object.find("references");
  if (references == object.end() || !references->is_array() || references->empty()) {
    return wrong(where, "'references' is not a list of links");
  }
  for (const json& item : *references) {
    const auto* link = item.get_ptr<const json::string_t*>();
    if (link == nullptr) return wrong(where, "'references' is not a list of links");
    rule.references.push_back(*link);
  }
  MERIDIAN_TRY(rule.positives, parse_examples(object, "positives", where));
  MERIDIAN_TRY(rule.negatives, parse_examples(object, "negatives", where));
  return rule;
}

}  // namespace

Result<std::vector<RuleText>> parse_rules(std::string_view text) {
  const json data = json::parse(text, nullptr, false);
  const auto list = data.is_object() ? data.find("rules") : data.end();
  if (!data.is_object() || list == data.end() || !list->is_array()) {
    return Error(ErrorCode::kCorrupt, "no list 'rules'");
  }
  std::vector<RuleText> rules;
  std::set<std::string> ids;
  for (const json& item : *list) {
    MERIDIAN_TRY(auto rule, parse_rule(item, rules.size()));
    if (!ids.insert(rule.id).second) return wrong("rule '" + rule.id + "'", "is there twice");
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace meridian::privilege_escalation
