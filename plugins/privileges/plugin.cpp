// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "privileges_plugin.hpp"

MERIDIAN_PLUGIN(meridian::privileges::PrivilegesPlugin, "io.meridian.privileges", "0.1.0");
