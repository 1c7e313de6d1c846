// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "secrets_plugin.hpp"

MERIDIAN_PLUGIN(meridian::secrets::SecretsPlugin, "io.meridian.secrets", "0.1.0");
