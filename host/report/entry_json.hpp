// SPDX-License-Identifier: Apache-2.0
//
// entry_json.hpp: one entry of a report as one JSON object, keys in the contract's order.
//
// Why text and not a tree: a report of a large host has a million entries; only one of them is a
// tree at any time. All text is ASCII: what JSON is printed on a terminal cannot steer it.
#pragma once

#include <string>

#include "finding/report.hpp"

namespace meridian::report {

enum class Layout { kIndented, kOneLine };

/// schema, meridian, host, started, finished, complete.
std::string head_json(const finding::Report& report, Layout layout);
/// schema, meridian, host.
std::string list_head_json(const finding::Report& report, Layout layout);

std::string entry_json(const finding::PluginEntry& plugin, Layout layout);
std::string entry_json(const finding::TargetEntry& target, Layout layout);
std::string entry_json(const finding::FindingEntry& finding, Layout layout);
std::string entry_json(const finding::FactEntry& fact, Layout layout);
std::string entry_json(const finding::CoverageEntry& pair, Layout layout);
std::string entry_json(const finding::Gap& gap, Layout layout);
std::string entry_json(const finding::Statistics& statistics, Layout layout);

}  // namespace meridian::report
