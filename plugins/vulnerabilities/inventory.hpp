// SPDX-License-Identifier: Apache-2.0
//
// inventory.hpp: the packages that a target shows, from facts "meridian.packages/1" of any plugin,
// and what distribution it is.
#pragma once

#include <cstdint>
#include <meridian/plugin.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::vulnerabilities {

struct Package {
  std::string type, name, version, kind;
  std::string source, source_version;  // of a system's package; may be empty
  std::string path;                    // the file that says so
  std::uint32_t layer = 0;             // the lowest whose version of that file has it

  bool is_system() const { return type == "deb" || type == "rpm" || type == "apk"; }
};

struct Inventory {
  std::vector<Package> packages;
  std::vector<std::string> unread;  // plugins whose facts are not of their schema
};

/// What each visible file says. A system's package that a language's package manager would find
/// again (Debian's python3-yaml, which has a dist-info too) is there once, as the system's.
Inventory inventory_of(const Facts& facts);

struct Distribution {
  std::string id, version;              // ID, VERSION_ID of os-release
  std::vector<std::string> ecosystems;  // where its packages are looked up, the first that is there
};
/// kNotFound: no os-release.
Result<Distribution> distribution_of(const Tree& tree);
Distribution parse_os_release(std::string_view text);

/// Package URL of a package: type, namespace, name, version. No qualifiers.
std::string purl_of(const Package& package, const Distribution& distribution);
/// As the database has it: pypi by PEP 503; nuget and composer in small letters.
std::string normalised(std::string_view type, std::string_view name);

}  // namespace meridian::vulnerabilities
