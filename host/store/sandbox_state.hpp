// SPDX-License-Identifier: Apache-2.0
//
// sandbox_state.hpp: what a sandbox leaves on the host while its container runs: files that say
// that it really is one, and where what the container writes goes.
//
// Facts: gVisor, runsc/container/state_file.go and docs/user_guide/filesystem.md; Kata,
// virtcontainers/persist/fs and runtime-rs (stores.md, part 9).
#pragma once

#include <string>
#include <vector>

#include "model/host_path.hpp"
#include "model/kernel_boundary.hpp"
#include "rootfs/host_root.hpp"
#include "rootfs/tree.hpp"

namespace meridian::store {

/// Adds the sandbox's state file of a container to its evidence, if it is there: runsc's in one of
/// `roots` or in /run/runsc, Kata's below /run/vc and /run/kata. `sandbox`: the pod's, or the
/// container itself.
void add_state_evidence(const rootfs::HostRoot& host, std::vector<model::HostPath> roots,
                        const std::string& container, const std::string& sandbox,
                        model::KernelBoundary& boundary);

/// Why what a running container writes is not in its layer; empty: it is, or nothing says that it
/// is not.
std::string unseen_writes(const model::KernelBoundary& boundary, const rootfs::Tree& writable);

}  // namespace meridian::store
