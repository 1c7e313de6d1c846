// SPDX-License-Identifier: Apache-2.0
//
// kernel_boundary.hpp: which kernel boundary a container has, from what its engine recorded of its
// runtime and what that name leads to on the machine. A handler's name is anybody's choice, so the
// program behind it decides: its own name after all links.
//
// Facts: containerd, core/runtime/v2 (names of shims); moby, daemon/runtime_unix.go; Kata, docs on
// configuration.toml; firecracker-containerd, docs/getting-started.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

/// What an engine says of a container's runtime; what it does not say is empty.
struct RuntimeClaim {
  std::string shim;                   // containerd's type: "io.containerd.runc.v2"
  std::string program;                // of the OCI runtime: a path, or a name to be found in PATH
  std::string config;                 // of Kata: the path of its configuration.toml
  std::vector<std::string> evidence;  // where it says so
};

/// A program that is not there is unknown, but for those that share the host's kernel anyway.
model::KernelBoundary kernel_boundary(const rootfs::HostRoot& host, RuntimeClaim claim);

/// The name of its table [hypervisor.NAME] for people: "QEMU"; empty: it has none. Any text.
std::string hypervisor_of(std::string_view kata_configuration);

}  // namespace meridian::store
