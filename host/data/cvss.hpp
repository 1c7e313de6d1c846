// SPDX-License-Identifier: Apache-2.0
//
// cvss.hpp: base scores of CVSS vectors, which is what feeds give instead of a severity (FIRST,
// "CVSS v3.1 Specification Document", 7.1, and "CVSS v4.0 Specification Document", 8).
#pragma once

#include <optional>
#include <string_view>

#include "finding/severity.hpp"

namespace meridian::data {

/// 0.0 to 10.0 of "CVSS:3.0/...", "CVSS:3.1/..." and "CVSS:4.0/..."; metrics that are not base
/// metrics change nothing. Nothing: another version, or not a vector.
std::optional<double> cvss_score(std::string_view vector);
std::optional<double> cvss4_score(std::string_view vector);

/// The words for scores: none 0, low to 3.9, medium to 6.9, high to 8.9, critical (5.).
finding::Severity severity_of(double score);

}  // namespace meridian::data
