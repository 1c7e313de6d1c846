// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "known_artifacts_plugin.hpp"

MERIDIAN_PLUGIN(meridian::known_artifacts::KnownArtifactsPlugin, "io.meridian.known-artifacts",
                "0.1.0");
