// SPDX-License-Identifier: Apache-2.0
//
// liveness.hpp: whether a recorded process is the one that runs now.
//
// A pid alone says nothing: after a crash of engine and container every record still names it, and
// by then it may be another process's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

struct RecordedProcess {
  std::int64_t pid = 0;
  std::optional<std::uint64_t> start_time;  // clock ticks since boot
};

/// runc's state.json, or crun's status file.
Result<RecordedProcess> parse_runtime_state(std::string_view json);

/// Looks at the procfs below the host root. A zombie counts as gone.
model::Liveness check_process(const rootfs::HostRoot& host, const RecordedProcess& process);

}  // namespace meridian::store
