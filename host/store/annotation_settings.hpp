// SPDX-License-Identifier: Apache-2.0
//
// annotation_settings.hpp: what annotations of a container's spec tell its sandbox, where the
// sandbox's own settings let them: who may write them is not who wrote those.
//
// Facts: gVisor, runsc/config/flags.go (`dev.gvisor.flag.NAME`: some flags always, all with
// --allow-flag-override); Kata, docs/how-to/how-to-set-sandbox-config-kata.md
// (`io.katacontainers.config.hypervisor.NAME`: those that a pattern of enable_annotations matches;
// `...runtime.NAME` and `...agent.NAME`: always).
#pragma once

#include <map>
#include <string>

#include "model/kernel_boundary.hpp"

namespace meridian::store {

/// Adds them to a sandbox's settings; a setting of the same name gives way. Nothing else is
/// changed.
void add_annotation_settings(const std::map<std::string, std::string>& annotations,
                             model::KernelBoundary& boundary);

}  // namespace meridian::store
