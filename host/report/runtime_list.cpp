// SPDX-License-Identifier: Apache-2.0
#include "report/runtime_list.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "report/columns.hpp"

namespace meridian::report {

namespace {

nlohmann::ordered_json to_json(const RuntimeRow& row) {
  return {{"kind", row.kind},        {"root", base::escape(row.root)},
          {"driver", row.driver},    {"found_by", base::escape(row.found_by)},
          {"images", row.images},    {"containers", row.containers},
          {"problems", row.problems}};
}

}  // namespace

std::string render_runtimes(const std::vector<RuntimeRow>& rows, Format format) {
  if (format == Format::kTable) {
    std::vector<std::vector<std::string>> lines = {
        {"KIND", "ROOT", "DRIVER", "IMAGES", "CONTAINERS", "PROBLEMS", "FOUND BY"}};
    for (const RuntimeRow& row : rows) {
      lines.push_back({row.kind, base::escape(row.root), row.driver, std::to_string(row.images),
                       std::to_string(row.containers), std::to_string(row.problems),
                       base::escape(row.found_by)});
    }
    return columns(lines);
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text;
  for (const RuntimeRow& row : rows) {
    list.push_back(to_json(row));
    text += list.back().dump() + "\n";
  }
  if (format == Format::kJsonLines) return text;
  return nlohmann::ordered_json{{"schema", "meridian.runtimes/1"}, {"runtimes", list}}.dump(2) +
         "\n";
}

}  // namespace meridian::report
