// SPDX-License-Identifier: Apache-2.0
//
// daemons.hpp: the processes of an engine that the host's procfs shows.
//
// A process says of itself what it is, so what it names is a place to look at, no more.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/inventory.hpp"
#include "rootfs/host_root.hpp"
#include "store/procfs/mount_table.hpp"

namespace meridian::store {

struct DaemonProcess {
  std::uint64_t pid = 0;
  std::vector<std::string> words;  // after the program's name
  /// Whether its mount namespace may be another than the machine's, and what is mounted there.
  bool elsewhere = false;
  std::vector<NamespaceMount> mounts;
};

struct DaemonProcesses {
  std::vector<DaemonProcess> daemons;
  std::vector<NamespaceMount> machine_mounts;  // of process 1; only if one is elsewhere

  /// Where on the machine a path of `daemon` is; nullopt: nowhere.
  std::optional<std::string> place_of(const DaemonProcess& daemon, const std::string& path) const;
};

/// The words after the program's name if a command line is that of the engine; nullopt: it is not.
using DaemonWords =
    std::function<std::optional<std::vector<std::string>>(const std::vector<std::string>&)>;

/// Of /proc below the host root; none without one. `engine` is for people. More than 64 are a
/// problem `limit`, processes that could not be asked one of kind `privilege`.
DaemonProcesses find_daemons(const rootfs::HostRoot& host, std::string_view engine,
                             const DaemonWords& words, std::vector<model::Problem>& problems);

}  // namespace meridian::store
