// SPDX-License-Identifier: Apache-2.0
//
// system_databases.hpp: the text databases of dpkg, apk and pacman.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "package.hpp"

namespace meridian::packages {

/// dpkg's `status` (dpkg(1), "PACKAGE STATES"). Told are the states in which a package's files are
/// on the disk: installed, triggers-pending, triggers-awaited, half-configured, unpacked and
/// half-installed; not config-files and not-installed.
Parsed parse_dpkg_status(std::string_view bytes);

/// One file of `status.d`, as distroless images have it: a stanza without Status.
Parsed parse_dpkg_stanza(std::string_view bytes);

/// The short names of a machine-readable debian/copyright (DEP 5); none of another file.
std::vector<std::string> parse_copyright(std::string_view bytes);

/// apk's `installed` (Alpine wiki, "Apk spec").
Parsed parse_apk_installed(std::string_view bytes);

/// One package's `desc` of pacman's local database (alpm-db-desc).
Parsed parse_pacman_desc(std::string_view bytes);

}  // namespace meridian::packages
