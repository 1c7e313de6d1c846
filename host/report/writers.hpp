// SPDX-License-Identifier: Apache-2.0
//
// writers.hpp: one function per format and document; format.cpp chooses.
#pragma once

#include <string>

#include "report/format.hpp"

namespace meridian::report {

std::string report_json(const finding::Report& report);
std::string report_json_lines(const finding::Report& report);
std::string report_cyclonedx(const finding::Report& report);
std::string report_spdx(const finding::Report& report);
std::string report_table(const finding::Report& report, Style style);

std::string list_json(const finding::Report& report);
std::string list_json_lines(const finding::Report& report);
std::string list_table(const finding::Report& report, Style style);

}  // namespace meridian::report
