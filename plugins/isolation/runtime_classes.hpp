// SPDX-License-Identifier: Apache-2.0
//
// runtime_classes.hpp: what is wrong with the RuntimeClasses of a Kubernetes node.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

#include "weaknesses.hpp"

namespace meridian::isolation {

struct ClassesLook {
  std::vector<Weakness> weaknesses;
  std::vector<std::string> unknown;  // of which nobody here says what their handler is: why, each
};

/// Of a host, by its node (meridian.node/1). kCorrupt: that is none.
Result<ClassesLook> look_at_classes(std::string_view node_json);

}  // namespace meridian::isolation
