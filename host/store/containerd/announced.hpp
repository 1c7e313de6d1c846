// SPDX-License-Identifier: Apache-2.0
//
// announced.hpp: which folders may be a containerd's root, and who says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"
#include "store/containerd/config.hpp"

namespace meridian::store::containerd {

struct AnnouncedRoot {
  std::string root;
  std::string state;
  std::string found_by;  // "/etc/containerd/config.toml", "k3s", ...
  bool in_use = false;   // by a running process: that it is not there is worth a line
  /// Of its configuration; nullopt: none is known.
  std::optional<Config> config = std::nullopt;
};

/// In this order: running processes, the system's configuration, k3s, RKE2, MicroK8s,
/// firecracker-containerd, rootless ones of the users in /etc/passwd. What is there and cannot be
/// read is a problem.
std::vector<AnnouncedRoot> announced_roots(const rootfs::HostRoot& host,
                                           std::vector<model::Problem>& problems);

/// --root, --state and --config of a command line.
struct Flags {
  std::string root, state, config;
};
/// Of the words after the program's name: "--root DIR", "--root=DIR", "-c FILE". The last counts.
Flags parse_flags(const std::vector<std::string>& words);

}  // namespace meridian::store::containerd
