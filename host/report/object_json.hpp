// SPDX-License-Identifier: Apache-2.0
//
// object_json.hpp: one shown image or container as one JSON object on one line, ASCII only.
#pragma once

#include <string>

#include "report/object_view.hpp"

namespace meridian::report {

std::string object_json(const ShownObject& object);

}  // namespace meridian::report
