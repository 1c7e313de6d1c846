// SPDX-License-Identifier: Apache-2.0
//
// ecosystems.hpp: the names under which the database keeps packages, whatever a feed calls them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace meridian::data {

struct Ecosystem {
  std::string name;   // "debian:12" (ID:VERSION_ID of os-release), else the type of a package URL
  std::string order;  // of versions: "dpkg", "rpm", "apk", "semver", "pep440", ...
};

/// Of an OSV record: "Debian:12", "Alpine:v3.18", "PyPI". Nothing: one that is not matched (a
/// paid-for branch, GIT, Android).
std::optional<Ecosystem> osv_ecosystem(std::string_view name);
/// A release of a distribution; nothing: its versions have no order here.
std::optional<Ecosystem> distribution(std::string_view id, std::string_view version);
/// A type of package URL ("pypi") or a word for it in Grype's database.
std::optional<Ecosystem> language(std::string_view type);

/// As the plugin looks it up: pypi by PEP 503; nuget and composer in small letters.
std::string normalised(std::string_view ecosystem, std::string_view package);

}  // namespace meridian::data
