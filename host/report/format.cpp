// SPDX-License-Identifier: Apache-2.0
#include "report/format.hpp"

#include "report/writers.hpp"

namespace meridian::report {

std::optional<Format> parse_format(std::string_view name) {
  if (name == "table") return Format::kTable;
  if (name == "json") return Format::kJson;
  if (name == "jsonl") return Format::kJsonLines;
  if (name == "cyclonedx") return Format::kCycloneDx;
  if (name == "spdx") return Format::kSpdx;
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
    case Format::kCycloneDx:
      return report_cyclonedx(report);
    case Format::kSpdx:
      return report_spdx(report);
  }
  return {};
}

std::string render_list(const finding::Report& report, Format format, Style style) {
  switch (format) {
    case Format::kTable:
      return list_table(report, style);
    case Format::kJson:
    case Format::kCycloneDx:
    case Format::kSpdx:
      return list_json(report);
    case Format::kJsonLines:
      return list_json_lines(report);
  }
  return {};
}

}  // namespace meridian::report
