// SPDX-License-Identifier: Apache-2.0
//
// object_view.hpp: `show`: one image or container whole, as the stores have it.
#pragma once

#include <string>
#include <vector>

#include "finding/report.hpp"
#include "model/inventory.hpp"
#include "model/process.hpp"
#include "report/format.hpp"

namespace meridian::report {

/// One of the two is set; both outlive the view. Processes are a container's.
struct ShownObject {
  finding::TargetEntry target;
  const model::Image* image = nullptr;
  const model::Container* container = nullptr;
  model::ProcessList processes = {};
};

/// kJson: {"schema": "meridian.show/1", "objects": [...], "gaps": [...]}, the engine's own records
/// as they are. kTable: for people; the gaps stand at its end.
std::string render_objects(const std::vector<ShownObject>& objects,
                           const std::vector<finding::Gap>& gaps, Format format, Style style);

}  // namespace meridian::report
