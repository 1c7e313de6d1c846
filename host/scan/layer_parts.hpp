// SPDX-License-Identifier: Apache-2.0
//
// layer_parts.hpp: one layer that several threads of a scan have shown to the plugins, a part each,
// with a run of its own: when that may be, and how the parts become the layer's one result.
#pragma once

#include <optional>
#include <vector>

#include "lane/plugin_set.hpp"
#include "scan/results.hpp"

namespace meridian::scan {

/// Whether parts of a layer are as good as the whole to all plugins but those of `left_out`: who
/// asked for the layer's end has to see all of it in one state.
bool may_be_divided(const lane::PluginSet& set, const lane::LeftOut& left_out);

/// Whether it could show in the result that the layer was divided: somebody failed, a bound of a
/// whole layer may have been reached, or names were redirected. Then it is to be shown again,
/// whole.
bool shows_division(const std::vector<LayerResult>& parts, const lane::LeftOut& left_out);

/// As if one run had been shown everything. At least one part; the first has the tree, which is
/// kept if all were read to their end. The outputs of those who were left out are every part's.
LayerResult join_parts(std::vector<LayerResult> parts, const lane::LeftOut& left_out);

/// Adds what another part said: by plugin, as long as each other.
void add_outputs(std::vector<finding::UnitOutput>& all, std::vector<finding::UnitOutput> more,
                 const lane::LeftOut& left_out);

}  // namespace meridian::scan
