// SPDX-License-Identifier: Apache-2.0
//
// schema_check.hpp: validates JSON against a schema that is shipped.
#pragma once

#include <string>

namespace meridian::test {

/// Empty: valid. Else the first complaints. `schema` is relative to the source tree.
std::string violations(const std::string& schema, const std::string& document);

inline const std::string kReportSchema = "host/report/schema/meridian.report-1.schema.json";
inline const std::string kListSchema = "host/report/schema/meridian.list-1.schema.json";
inline const std::string kManifestSchema = "sdk/schema/plugin-manifest.schema.json";

}  // namespace meridian::test
