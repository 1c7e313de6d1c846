// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "layer_integrity_plugin.hpp"

MERIDIAN_PLUGIN(meridian::layer_integrity::LayerIntegrityPlugin, "io.meridian.layer-integrity",
                "0.1.0");
