// SPDX-License-Identifier: Apache-2.0
//
// priority.hpp: who comes first, the scan or what runs beside it.
#pragma once

namespace meridian::cli {

/// kLow: behind what runs beside it, on the processor (nice) and the disk (idle class).
enum class Priority { kLow, kNormal };

/// Before other threads and processes, which inherit it. Nothing is ever raised. What the
/// environment refuses stays as it is: a scan that is in the way is a scan all the same. The kernel
/// compares nice values within a control group, and (autogroups) within a session, only.
void take_priority(Priority priority);

}  // namespace meridian::cli
