// SPDX-License-Identifier: Apache-2.0
//
// json_rows.hpp: a list of JSON objects as one document or one a line. ASCII only; never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/format.hpp"

namespace meridian::report {

/// `rows` are JSON objects as text. kJson: {"schema": SCHEMA, NAME: [rows]}.
std::string json_rows(std::string_view schema, std::string_view name,
                      const std::vector<std::string>& rows, Format format);

}  // namespace meridian::report
