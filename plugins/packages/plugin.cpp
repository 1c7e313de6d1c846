// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "packages_plugin.hpp"

MERIDIAN_PLUGIN(meridian::packages::PackagesPlugin, "io.meridian.packages", "0.1.0");
