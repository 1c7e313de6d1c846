// SPDX-License-Identifier: Apache-2.0
#include "report/format.hpp"

#include "report/writers.hpp"

namespace meridian::report {

std::optional<Format> parse_format(std::string_view name) {
  if (name == "table") return Format::kTable;
  if (name == "json") return Format::kJson;
  if (name == "jsonl") return Format::kJsonLines;
  return std::nullopt;
}

std::string render(const finding::Report& report, Format format, Style style) {
  switch (format) {
    case Format::kTable:
      return report_table(report, style);
    case Format::kJson:
      return report_json(report);
    case Format::kJsonLines:
      return report_json_lines(report);
  }
  return {};
}

std::string render_list(const finding::Report& report, Format format, Style style) {
  switch (format) {
    case Format::kTable:
      return list_table(report, style);
    case Format::kJson:
      return list_json(report);
    case Format::kJsonLines:
      return list_json_lines(report);
  }
  return {};
}

}  // namespace meridian::report
