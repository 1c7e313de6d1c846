// SPDX-License-Identifier: Apache-2.0
//
// reader_main.hpp: the process `meridian reader`: sandboxes itself, then forks a process for each
// blob that it is told to read. It never looks at a foreign byte itself, so what one blob does to
// its process no other blob meets.
#pragma once

namespace meridian::lane {

/// The exit status. Ends when its socket does. Only for a process that the host started.
int reader_main();

}  // namespace meridian::lane
