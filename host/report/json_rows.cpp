// SPDX-License-Identifier: Apache-2.0
#include "report/json_rows.hpp"

#include <nlohmann/json.hpp>

namespace meridian::report {

std::string json_rows(std::string_view schema, std::string_view name,
                      const std::vector<std::string>& rows, Format format) {
  std::string lines;
  auto list = nlohmann::ordered_json::array();
  for (const std::string& row : rows) {
    lines += row + "\n";
    list.push_back(nlohmann::ordered_json::parse(row, nullptr, false));
  }
  if (format == Format::kJsonLines) return lines;
  nlohmann::ordered_json document;
  document["schema"] = schema;
  document[std::string(name)] = std::move(list);
  return document.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace meridian::report
