// SPDX-License-Identifier: Apache-2.0
//
// vex.hpp: which statements of VEX documents are about a package of a target (OpenVEX, package
// URLs).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database.hpp"

namespace meridian::vulnerabilities {

/// A package URL in its parts, decoded.
struct Purl {
  std::string type, path, version;  // path: namespace and name
  std::string repository, tag;      // qualifiers repository_url and tag, of an OCI image
};
std::optional<Purl> parse_purl(std::string_view text);

/// What statements may name: the package under each of its URLs, and the image it is in.
struct Product {
  std::vector<std::string> purls;   // of the package; of a system's also of its source
  std::vector<std::string> images;  // "registry/name:tag", "sha256:..."
};

/// True: `wanted` is `purl`, or says less than it (no version: every version).
bool is_covered(const Purl& wanted, std::string_view purl);

/// The last statement about the product; null: none is.
const Statement* find_statement(const std::vector<Statement>& statements, const Product& product);

}  // namespace meridian::vulnerabilities
