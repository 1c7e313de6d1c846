// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "isolation_plugin.hpp"

MERIDIAN_PLUGIN(meridian::isolation::IsolationPlugin, "io.meridian.isolation", "0.1.0");
