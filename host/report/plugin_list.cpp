// SPDX-License-Identifier: Apache-2.0
#include "report/plugin_list.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "report/columns.hpp"
#include "report/json_rows.hpp"

namespace meridian::report {

namespace {

using nlohmann::ordered_json;

ordered_json to_json(const PluginRow& row) {
  ordered_json rules = ordered_json::array();
  for (const PluginRow::Rule& rule : row.rules) {
    rules.push_back(ordered_json{{"id", rule.id},
                                 {"title", base::escape(rule.title)},
                                 {"severity", rule.severity},
                                 {"help", base::escape(rule.help)}});
  }
  const PluginRow::Needs& needs = row.needs;
  return {{"id", row.id},
          {"version", row.version},
          {"summary", base::escape(row.summary)},
          {"licence", base::escape(row.licence)},
          {"directory", base::escape(row.directory)},
          {"digest", row.digest},
          {"rules_digest", row.rules_digest},
          {"abi", row.abi},
          {"model_version", row.model_version},
          {"rules", rules},
          {"configuration", row.configuration.empty()
                                ? ordered_json::object()
                                : ordered_json::parse(row.configuration, nullptr, false)},
          {"needs",
           {{"memory", needs.memory},
            {"seconds_per_file", needs.seconds_per_file},
            {"scratch", needs.scratch},
            {"threads", needs.threads},
            {"jit", needs.jit},
            {"privileges", needs.privileges},
            {"pure_layer_function", needs.pure_layer_function}}}};
}

std::string dump(const ordered_json& json, int indent) {
  return json.dump(indent, ' ', true, ordered_json::error_handler_t::replace);
}

/// One line an option: key, type, default, description.
std::vector<std::vector<std::string>> option_rows(const std::string& schema) {
  std::vector<std::vector<std::string>> rows;
  const auto json = ordered_json::parse(schema, nullptr, false);
  if (!json.is_object() || !json.contains("properties")) return rows;
  for (const auto& [key, option] : json["properties"].items()) {
    if (!option.is_object()) continue;
    const std::string type = option.contains("type") ? dump(option["type"], -1) : "";
    const std::string value = option.contains("default") ? dump(option["default"], -1) : "-";
    const std::string text = option.contains("description") && option["description"].is_string()
                                 ? option["description"].get<std::string>()
                                 : "";
    rows.push_back(
        {"  " + base::escape(key), base::escape(type), base::escape(value), base::escape(text)});
  }
  return rows;
}

}  // namespace

std::string render_plugins(const std::vector<PluginRow>& rows, Format format) {
  if (format == Format::kTable) {
    std::vector<std::vector<std::string>> lines = {{"ID", "VERSION", "RULES", "SUMMARY"}};
    for (const PluginRow& row : rows) {
      lines.push_back(
          {row.id, row.version, std::to_string(row.rules.size()), base::escape(row.summary)});
    }
    return columns(lines);
  }
  std::vector<std::string> objects;
  objects.reserve(rows.size());
  for (const PluginRow& row : rows) objects.push_back(dump(to_json(row), -1));
  return json_rows("meridian.plugins/1", "plugins", objects, format);
}

std::string render_plugin(const PluginRow& row, Format format) {
  if (format == Format::kJson) return dump(to_json(row), 2) + "\n";
  if (format == Format::kJsonLines) return dump(to_json(row), -1) + "\n";
  std::string text = columns({{"id", row.id},
                              {"version", row.version},
                              {"summary", base::escape(row.summary)},
                              {"licence", base::escape(row.licence)},
                              {"directory", base::escape(row.directory)},
                              {"digest", row.digest},
                              {"rules digest", row.rules_digest.empty() ? "-" : row.rules_digest},
                              {"plugin interface", row.abi},
                              {"data model", std::to_string(row.model_version)}});
  const auto options = option_rows(row.configuration);
  if (!options.empty()) text += "\noptions (--set ID.KEY=VALUE)\n" + columns(options);
  std::vector<std::vector<std::string>> rules;
  for (const PluginRow::Rule& rule : row.rules) {
    rules.push_back({"  " + rule.id, rule.severity, base::escape(rule.title)});
  }
  return text + "\nrules\n" + columns(rules);
}

}  // namespace meridian::report
