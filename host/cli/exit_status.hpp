// SPDX-License-Identifier: Apache-2.0
//
// exit_status.hpp: the numbers that scripts rely on (contract.md, "Exit status").
#pragma once

namespace meridian::cli {

enum ExitStatus : int {
  kDone = 0,
  kFindings = 1,  // at or above --fail-on; `plugin check` failed
  kUsage = 2,     // usage, configuration, a REF that names nothing, no plugin: nothing was scanned
  kIncomplete = 3,  // something that was asked for could not be looked at
  kNothing = 4,     // no store below the host root
  kInterrupted = 130,
  kTerminated = 143,
};

}  // namespace meridian::cli
