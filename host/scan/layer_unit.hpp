// SPDX-License-Identifier: Apache-2.0
//
// layer_unit.hpp: the host's side of one layer: walk, choose, open, hand over.
#pragma once

#include <functional>

#include "base/cancel.hpp"
#include "lane/plugin_set.hpp"
#include "model/layer.hpp"
#include "scan/options.hpp"
#include "scan/progress.hpp"
#include "scan/results.hpp"

namespace meridian::scan {

/// Shows a tree to a visitor, or a part of it: as Tree::walk.
using Walk = std::function<Result<void>(rootfs::Visitor&)>;

/// Shows `run` what `walk` visits of a layer, and fills in everything of `result` but its tree
/// (which may be null: of a part) and what stays in `run`: outputs, bytes.
void scan_layer(const model::Layer& layer, const lane::PluginSet& set, const Options& options,
                const base::Cancel& cancel, Progress& progress, lane::Run& run, const Walk& walk,
                LayerResult& result);

}  // namespace meridian::scan
