// SPDX-License-Identifier: Apache-2.0
#include "report/runtime_list.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "report/columns.hpp"
#include "report/json_rows.hpp"

namespace meridian::report {

namespace {

std::string to_json(const RuntimeRow& row) {
  nlohmann::ordered_json json = {
      {"kind", base::escape(row.kind)},         {"root", base::escape(row.root)},
      {"driver", base::escape(row.driver)},     {"version", base::escape(row.version)},
      {"found_by", base::escape(row.found_by)}, {"images", row.images},
      {"containers", row.containers},           {"problems", row.problems}};
  if (!row.name_space.empty()) json["namespace"] = base::escape(row.name_space);
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string render_runtimes(const std::vector<RuntimeRow>& rows, Format format) {
  if (format == Format::kTable) {
    std::vector<std::vector<std::string>> lines = {{"KIND", "ROOT", "NAMESPACE", "DRIVER",
                                                    "VERSION", "IMAGES", "CONTAINERS", "PROBLEMS",
                                                    "FOUND BY"}};
    for (const RuntimeRow& row : rows) {
      lines.push_back({base::escape(row.kind), base::escape(row.root),
                       row.name_space.empty() ? "-" : base::escape(row.name_space),
                       base::escape(row.driver), base::escape(row.version),
                       std::to_string(row.images), std::to_string(row.containers),
                       std::to_string(row.problems), base::escape(row.found_by)});
    }
    return columns(lines);
  }
  std::vector<std::string> objects;
  objects.reserve(rows.size());
  for (const RuntimeRow& row : rows) objects.push_back(to_json(row));
  return json_rows("meridian.runtimes/1", "runtimes", objects, format);
}

}  // namespace meridian::report
