// SPDX-License-Identifier: Apache-2.0
//
// list_table.cpp: `list` for people: one row a target.
#include <algorithm>
#include <limits>

#include "base/escape.hpp"
#include "report/columns.hpp"
#include "report/wording.hpp"
#include "report/writers.hpp"

namespace meridian::report {
namespace {

std::string size_of(const finding::TargetEntry& target) {
  std::uint64_t total = 0;
  for (const auto& layer : target.layers) {
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - total;
    total += std::min(layer.size, room);
  }
  return total == 0 ? "-" : size_text(total);
}

std::string runtimes_of(const finding::TargetEntry& target) {
  std::vector<std::string> runtimes;
  for (const auto& present : target.present_in) {
    if (std::find(runtimes.begin(), runtimes.end(), present.runtime) == runtimes.end()) {
      runtimes.push_back(present.runtime);
    }
  }
  return joined(runtimes, "-");
}

std::string isolation_of(const finding::TargetEntry& target) {
  if (!target.isolation) return "-";
  std::string out = base::escape(target.isolation->kind);
  if (!target.isolation->runtime.empty()) {
    out += " (" + base::escape(target.isolation->runtime) + ")";
  }
  return out;
}

std::vector<std::string> row_of(const finding::TargetEntry& target) {
  return {base::escape(target.kind), joined(target.names, "<none>"),
          short_id(target.id),       std::to_string(target.layers.size()),
          size_of(target),           target.state.empty() ? "-" : base::escape(target.state),
          runtimes_of(target),       isolation_of(target)};
}

}  // namespace

std::string list_table(const finding::Report& report, Style style) {
  std::vector<std::vector<std::string>> rows = {
      {"KIND", "NAME", "ID", "LAYERS", "SIZE", "STATE", "RUNTIME", "ISOLATION"}};
  for (const auto& target : report.targets) rows.push_back(row_of(target));
  std::string out = columns(rows, style);
  if (report.targets.empty()) out += "no target\n";
  append_gaps(out, report, style);
  return out;
}

}  // namespace meridian::report
