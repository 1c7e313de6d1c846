// SPDX-License-Identifier: Apache-2.0
//
// reproduce.hpp: the command that shows a plugin's fault again.
#pragma once

#include "cli/args.hpp"
#include "finding/report.hpp"

namespace meridian::cli {

/// Fills in Gap::reproduce of the report's faults (crash, timeout, memory, exception, protocol,
/// shutdown) of a plugin: that plugin alone, in a lane of its own, over what was named or, when
/// nothing was, the fault's target. For a shell.
void add_reproductions(const GlobalArgs& global, const ScanArgs& args, finding::Report& report);

}  // namespace meridian::cli
