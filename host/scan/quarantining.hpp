// SPDX-License-Identifier: Apache-2.0
//
// quarantining.hpp: who is kept from which unit, and which faults of a scan are remembered.
//
// Only of content that has a digest as its name: a layer with a diffID, an image. What may change
// under its name (a container, a directory) would be kept from a plugin for what is gone.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lane/plugin_set.hpp"
#include "plugin/quarantine.hpp"
#include "scan/plan.hpp"
#include "scan/results.hpp"

namespace meridian::scan {

/// Empty: nothing is remembered of it.
std::string content_of(const model::Layer& layer);
std::string content_of(const model::Inventory& inventory, const PlannedTarget& target);

/// Whether the layer was seen to its end and is, as far as was computed, what it is called.
bool is_trusted(const model::Layer& layer, const LayerResult& result);

/// The plugins that are kept from `content`, each with an error of kind quarantined.
lane::LeftOut left_out(const lane::PluginSet& set, const plugin::Quarantine& quarantine,
                       const std::string& content);

/// The coverage reason of a plugin that is kept out: the record, and the command that clears it.
std::string quarantine_reason(const plugin::Quarantine& quarantine,
                              const plugin::QuarantineRecord& record);

/// A record for each fault that was a plugin's own, in content that is what its name says. Neither
/// created nor expires is set. `limit`: what a callback was given.
std::vector<plugin::QuarantineRecord> faults_of(const model::Inventory& inventory, const Plan& plan,
                                                const lane::PluginSet& set, const Results& results,
                                                std::chrono::milliseconds limit);

}  // namespace meridian::scan
