// SPDX-License-Identifier: Apache-2.0
//
// signals.hpp: Ctrl-C and SIGTERM ask the scan to stop; a second one ends the process at once.
#pragma once

#include "base/cancel.hpp"

namespace meridian::cli {

/// Installs handlers for SIGINT and SIGTERM that stop `cancel`, which must live until the process
/// ends. SIGPIPE is ignored: a closed pipe is a write error. Called once, before threads.
void stop_on_signals(base::Cancel& cancel);

}  // namespace meridian::cli
