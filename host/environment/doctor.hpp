// SPDX-License-Identifier: Apache-2.0
//
// doctor.hpp: diagnoses as text: for people, as meridian.doctor/1, and as entries of a report.
#pragma once

#include <string>
#include <vector>

#include "environment/diagnosis.hpp"
#include "finding/report.hpp"

namespace meridian::environment {

/// A block for each feature: its state, the causes, and of each cause's mend what fits here, once.
std::string doctor_text(const Observed& seen, const std::vector<Diagnosis>& entries);
/// schema/meridian.doctor-1.schema.json in report/.
std::string doctor_json(const Observed& seen, const std::vector<Diagnosis>& entries);

/// Something is unavailable: exit status 3.
bool is_anything_unavailable(const std::vector<Diagnosis>& entries);

/// What is degraded, unavailable or too much, for the report of a scan.
std::vector<finding::EnvironmentEntry> report_entries(const Container& container,
                                                      const std::vector<Diagnosis>& entries);

/// The lines of a scan: what is degraded or unavailable. What is too much costs no result, and
/// stands in the report.
std::vector<std::string> scan_lines(const Container& container,
                                    const std::vector<Diagnosis>& entries);

}  // namespace meridian::environment
