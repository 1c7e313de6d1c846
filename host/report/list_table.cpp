// SPDX-License-Identifier: Apache-2.0
//
// list_table.cpp: `list` for people: one row a target, columns as wide as what stands in them.
#include <algorithm>
#include <array>
#include <limits>

#include "base/escape.hpp"
#include "report/wording.hpp"
#include "report/writers.hpp"

namespace meridian::report {
namespace {

constexpr std::size_t kColumns = 8;
using Row = std::array<std::string, kColumns>;

/// One long name must not push every other row off the screen.
constexpr std::size_t kMaxColumn = 60;

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

Row row_of(const finding::TargetEntry& target) {
  return {base::escape(target.kind), joined(target.names, "<none>"),
          short_id(target.id),       std::to_string(target.layers.size()),
          size_of(target),           target.state.empty() ? "-" : base::escape(target.state),
          runtimes_of(target),       isolation_of(target)};
}

std::array<std::size_t, kColumns> widths_of(const std::vector<Row>& rows) {
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      const std::size_t width = width_of(row[i]);
      if (width <= kMaxColumn) widths[i] = std::max(widths[i], width);
    }
  }
  return widths;
}

}  // namespace

std::string list_table(const finding::Report& report, Style style) {
  std::vector<Row> rows = {
      {"KIND", "NAME", "ID", "LAYERS", "SIZE", "STATE", "RUNTIME", "ISOLATION"}};
  for (const auto& target : report.targets) rows.push_back(row_of(target));
  const auto widths = widths_of(rows);
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i + 1 < kColumns; ++i) line += padded(row[i], widths[i]) + "  ";
    line += row.back();
    out += paint(line, &row == &rows.front() ? Tone::kHeading : Tone::kPlain, style) + "\n";
  }
  if (report.targets.empty()) out += "no target\n";
  append_gaps(out, report, style);
  return out;
}

}  // namespace meridian::report
