// SPDX-License-Identifier: Apache-2.0
//
// runtime_list.hpp: `list runtimes`: where stores are, how they were found, what they hold.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/format.hpp"

namespace meridian::report {

struct RuntimeRow {
  std::string kind, root, driver, version, found_by;
  std::string name_space;  // of containerd
  std::size_t images = 0, containers = 0, problems = 0;
};

/// JSON: {"schema": "meridian.runtimes/1", "runtimes": [...]}; JSON lines: one object a line.
std::string render_runtimes(const std::vector<RuntimeRow>& rows, Format format);

}  // namespace meridian::report
