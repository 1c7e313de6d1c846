// SPDX-License-Identifier: Apache-2.0
//
// package_json.hpp: packages as the text of a fact "meridian.packages/1", whose shape is
// packages-1.schema.json. (Node's package.json is in node.hpp.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package.hpp"

namespace meridian::packages {

constexpr std::string_view kSchema = "meridian.packages/1";

/// A fact may have 64 KiB (abi/finding.h).
constexpr std::size_t kMaxFact = 64 << 10;

/// What a target knows of a package and a layer does not.
struct Component {
  Package package = {};
  std::string purl = {};
  std::uint32_t layer = 0;              // of origin, 0 is the bottom
  std::vector<std::string> paths = {};  // where it is told or lies, sorted
};

/// As many texts as needed, each at most kMaxFact. Bytes that are no UTF-8 become U+FFFD.
std::vector<std::string> layer_facts(const std::vector<Package>& packages);
std::vector<std::string> target_facts(const std::vector<Component>& components);

/// The packages of a layer's fact; nullopt of a text that is none.
std::optional<std::vector<Package>> parse_layer_fact(std::string_view text);

}  // namespace meridian::packages
