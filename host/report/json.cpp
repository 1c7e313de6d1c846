// SPDX-License-Identifier: Apache-2.0
//
// json.cpp: one document. Entries come as indented objects and are set two levels deeper; a string
// of theirs holds no line break, so every line break is layout.
#include "report/components.hpp"
#include "report/entry_json.hpp"
#include "report/writers.hpp"

namespace meridian::report {
namespace {

void append_indented(std::string& out, const std::string& object, const char* indent) {
  for (const char c : object) {
    out += c;
    if (c == '\n') out += indent;
  }
}

template <typename Entry>
void append_list(std::string& out, const char* key, const std::vector<Entry>& entries) {
  out += ",\n  \"";
  out += key;
  out += "\": [";
  const char* separator = "\n    ";
  for (const Entry& entry : entries) {
    out += separator;
    append_indented(out, entry_json(entry, Layout::kIndented), "    ");
    separator = ",\n    ";
  }
  out += entries.empty() ? "]" : "\n  ]";
}

void append_components(std::string& out, const finding::Report& report) {
  out += ",\n  \"components\": [";
  const char* separator = "\n    ";
  each_component(report, [&](const Component& component) {
    out += separator;
    append_indented(out, component_json(component, Layout::kIndented), "    ");
    separator = ",\n    ";
  });
  out += separator[0] == ',' ? "\n  ]" : "]";
}

/// An object that is still open.
std::string opened(std::string object) {
  object.resize(object.size() - std::string_view("\n}").size());
  return object;
}

}  // namespace

std::string report_json(const finding::Report& report) {
  std::string out = opened(head_json(report, Layout::kIndented));
  append_list(out, "plugins", report.plugins);
  append_list(out, "targets", report.targets);
  append_list(out, "findings", report.findings);
  append_components(out, report);
  append_list(out, "facts", report.facts);
  append_list(out, "coverage", report.coverage);
  append_list(out, "gaps", report.gaps);
  out += ",\n  \"statistics\": ";
  append_indented(out, entry_json(report.statistics, Layout::kIndented), "  ");
  out += "\n}\n";
  return out;
}

std::string list_json(const finding::Report& report) {
  std::string out = opened(list_head_json(report, Layout::kIndented));
  append_list(out, "targets", report.targets);
  append_list(out, "gaps", report.gaps);
  out += "\n}\n";
  return out;
}

}  // namespace meridian::report
