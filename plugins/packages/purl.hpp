// SPDX-License-Identifier: Apache-2.0
//
// purl.hpp: a package URL (github.com/package-url/purl-spec, PURL-SPECIFICATION and PURL-TYPES).
#pragma once

#include <string>

#include "package.hpp"

namespace meridian::packages {

/// What os-release(5) says; empty: unknown.
struct Distribution {
  std::string id;       // ID: "debian"
  std::string version;  // VERSION_ID: "12"
};

/// "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&upstream=glibc". Of a system's packages
/// the distribution is the namespace; where it is not known the namespace is left out.
/// Qualifiers: arch, distro, epoch (rpm), upstream (the source package if its name or version
/// differ).
std::string purl(const Package& package, const Distribution& distribution);

}  // namespace meridian::packages
