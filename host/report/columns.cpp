// SPDX-License-Identifier: Apache-2.0
#include "report/columns.hpp"

#include <algorithm>

#include "report/wording.hpp"

namespace meridian::report {

std::string columns(const std::vector<std::vector<std::string>>& rows, Style style) {
  constexpr std::size_t kMaxColumn = 60;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t width = width_of(row[i]);
      if (width <= kMaxColumn) widths[i] = std::max(widths[i], width);
    }
  }
  std::string text;
  Tone tone = Tone::kHeading;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) line += padded(row[i], widths[i]) + "  ";
    if (!row.empty()) line += row.back();
    text += paint(line, tone, style) + "\n";
    tone = Tone::kPlain;
  }
  return text;
}

}  // namespace meridian::report
