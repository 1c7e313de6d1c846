// SPDX-License-Identifier: Apache-2.0
//
// layer_unit.hpp: the host's side of one layer: walk, choose, open, hand over.
#pragma once

#include "base/cancel.hpp"
#include "lane/plugin_set.hpp"
#include "model/layer.hpp"
#include "scan/options.hpp"
#include "scan/progress.hpp"
#include "scan/results.hpp"

namespace meridian::scan {

/// Walks `result.tree` and fills in everything of `result` but what stays in `run`: outputs, bytes.
void scan_layer(const model::Layer& layer, const lane::PluginSet& set, const Options& options,
                const base::Cancel& cancel, Progress& progress, lane::Run& run,
                LayerResult& result);

}  // namespace meridian::scan
