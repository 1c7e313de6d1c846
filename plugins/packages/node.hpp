// SPDX-License-Identifier: Apache-2.0
//
// node.hpp: installed Node packages, and the lock files of npm, Yarn and pnpm.
#pragma once

#include <string_view>

#include "package.hpp"

namespace meridian::packages {

/// package.json of an installed package. One without name or version is none: such mark folders.
Parsed parse_package_json(std::string_view bytes);

/// package-lock.json and npm-shrinkwrap.json, versions 1 to 3; links and the project are left out.
Parsed parse_npm_lock(std::string_view bytes);

/// yarn.lock of Yarn 1 and of later ones; workspaces are left out.
Parsed parse_yarn_lock(std::string_view bytes);

/// pnpm-lock.yaml, versions 5, 6 and 9, as pnpm writes it: the keys under "packages:".
Parsed parse_pnpm_lock(std::string_view bytes);

}  // namespace meridian::packages
