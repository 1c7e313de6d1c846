// SPDX-License-Identifier: Apache-2.0
//
// json_lines.cpp: one object a line, its "type" first, so that a reader can choose by prefix.
#include "report/components.hpp"
#include "report/entry_json.hpp"
#include "report/writers.hpp"

namespace meridian::report {
namespace {

void append_line(std::string& out, const char* type, const std::string& object) {
  out += "{\"type\":\"";
  out += type;
  out += "\",";
  out.append(object, 1);
  out += '\n';
}

template <typename Entry>
void append_lines(std::string& out, const char* type, const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) append_line(out, type, entry_json(entry, Layout::kOneLine));
}

}  // namespace

std::string report_json_lines(const finding::Report& report) {
  std::string out;
  append_line(out, "scan", head_json(report, Layout::kOneLine));
  append_lines(out, "plugin", report.plugins);
  append_lines(out, "target", report.targets);
  append_lines(out, "finding", report.findings);
  each_component(report, [&out](const Component& component) {
    append_line(out, "component", component_json(component, Layout::kOneLine));
  });
  append_lines(out, "fact", report.facts);
  append_lines(out, "coverage", report.coverage);
  append_lines(out, "gap", report.gaps);
  append_line(out, "statistics", entry_json(report.statistics, Layout::kOneLine));
  return out;
}

std::string list_json_lines(const finding::Report& report) {
  std::string out;
  append_line(out, "list", list_head_json(report, Layout::kOneLine));
  append_lines(out, "target", report.targets);
  append_lines(out, "gap", report.gaps);
  return out;
}

}  // namespace meridian::report
