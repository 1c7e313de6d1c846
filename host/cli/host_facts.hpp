// SPDX-License-Identifier: Apache-2.0
//
// host_facts.hpp: which machine a report is about.
#pragma once

#include <string>

#include "cli/wiring.hpp"
#include "finding/report.hpp"

namespace meridian::cli {

finding::HostFacts host_facts(const Stores& stores);

/// Now, as RFC 3339 in UTC.
std::string timestamp();

}  // namespace meridian::cli
