// SPDX-License-Identifier: Apache-2.0
//
// components.hpp: the packages that plugins found, out of facts "meridian.packages/1"
// (plugins/packages/packages-1.schema.json).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "finding/report.hpp"
#include "report/entry_json.hpp"

namespace meridian::report {

struct Component {
  const finding::TargetEntry* target = nullptr;
  std::string purl, name, version, type, kind, arch;
  std::vector<std::string> licenses;
  std::vector<std::string> paths;
  std::uint32_t layer = 0;  // below the number of the target's layers
};

/// Each of them, one at a time, in the order of the facts. A fact that is not of its schema, as any
/// plugin may write, is left out: it stands in facts[].
void each_component(const finding::Report& report,
                    const std::function<void(const Component&)>& take);

/// One of the contract's components[].
std::string component_json(const Component& component, Layout layout);

/// A licence that is an id of SPDX's list as it stands, among those that packages often have.
bool is_spdx_license(const std::string& name);

/// "urn:uuid:"-like digits that are the same for the same text: version 8 of RFC 9562.
std::string uuid_of(const std::string& text);

}  // namespace meridian::report
