// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "weak_password_plugin.hpp"

MERIDIAN_PLUGIN(meridian::weak_password::WeakPasswordPlugin, "io.meridian.weak-password", "0.1.0");
