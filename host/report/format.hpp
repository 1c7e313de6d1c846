// SPDX-License-Identifier: Apache-2.0
//
// format.hpp: a Report or a list of targets as text. Formats compute nothing and never fail: a byte
// that a format cannot hold is escaped.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "finding/report.hpp"

namespace meridian::report {

enum class Format { kTable, kJson, kJsonLines, kCycloneDx, kSpdx };
/// table, json, jsonl, cyclonedx, spdx
std::optional<Format> parse_format(std::string_view name);

struct Style {
  bool color = false;
};

/// kTable: for people. kJson: contract.md's "meridian.report/1", one object, two-space indent, keys
/// in the contract's order. kJsonLines: one object a line: {"type": "scan" | "plugin" | "target" |
/// "finding" | "component" | "fact" | "coverage" | "gap" | "statistics", ...the same fields}.
/// kCycloneDx, kSpdx: the components alone, as CycloneDX 1.6 and SPDX 2.3, both in JSON.
std::string render(const finding::Report& report, Format format, Style style);

/// `list`: targets and gaps only; "meridian.list/1". It has no components: of those two formats the
/// same as kJson.
std::string render_list(const finding::Report& report, Format format, Style style);

}  // namespace meridian::report
