// SPDX-License-Identifier: Apache-2.0
//
// columns.hpp: rows of text in aligned columns, two blanks apart. Takes escaped text.
#pragma once

#include <string>
#include <vector>

#include "report/format.hpp"

namespace meridian::report {

/// Each row one line; the last column is not padded. A cell of more than 60 columns stays whole and
/// moves its own row only. With colour the first row is set as a heading.
std::string columns(const std::vector<std::vector<std::string>>& rows, Style style = {});

}  // namespace meridian::report
