// SPDX-License-Identifier: Apache-2.0
//
// kernel_boundary.hpp: which kernel boundary a container has, from what its engine recorded of its
// runtime and what that name leads to on the machine. A handler's name is anybody's choice, so the
// program behind it decides: its own name after all links, and of gVisor its content.
//
// Facts: containerd, core/runtime/v2 (names of shims); moby, daemon/runtime_unix.go; Kata, docs on
// configuration.toml; firecracker-containerd, docs/getting-started.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/kernel_boundary.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

/// What an engine says of a container's runtime; what it does not say is empty.
struct RuntimeClaim {
  std::string shim;                   // containerd's type: "io.containerd.runc.v2"
  std::string program;                // of the OCI runtime: a path, or a name to be found in PATH
  std::string config;                 // of Kata and of gVisor's shim: the path of its file
  std::vector<std::string> evidence;  // where it says so
  std::string handler = {};           // the engine's name of it; empty: its default
  std::vector<std::string> arguments = {};  // for the program
  bool is_default = false;
  bool is_configured = true;  // false: no settings that were found have that name
};

/// Judges the claims of one machine; looks into each program once. `host` outlives it.
class KernelBoundaries {
 public:
  explicit KernelBoundaries(const rootfs::HostRoot& host) : host_(host) {}
  /// A program that is not there is unknown, but for those that share the host's kernel anyway; so
  /// is one that has gVisor's name and not its content.
  model::KernelBoundary of(RuntimeClaim claim);
  /// Sandboxes that are installed and that none of `handlers` leads to.
  std::vector<model::KernelBoundary> unused(const std::vector<model::KernelBoundary>& handlers);

 private:
  friend class Judge;
  const rootfs::HostRoot& host_;
  std::map<std::string, Result<std::string_view>> marks_;  // by path, after all links
};

/// One claim.
model::KernelBoundary kernel_boundary(const rootfs::HostRoot& host, RuntimeClaim claim);

/// The name of its table [hypervisor.NAME] for people: "QEMU"; empty: it has none. Any text.
std::string hypervisor_of(std::string_view kata_configuration);

}  // namespace meridian::store
