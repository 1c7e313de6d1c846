// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "vulnerabilities_plugin.hpp"

MERIDIAN_PLUGIN(meridian::vulnerabilities::VulnerabilitiesPlugin, "io.meridian.vulnerabilities",
                "0.1.0");
