// SPDX-License-Identifier: Apache-2.0
//
// podman_state.hpp: what podman itself records of its containers and pods: a bbolt database up to
// version 4, SQLite from 5 on. Both are read whole into memory and never opened in place.
//
// Facts: podman, libpod/boltdb_state_internal.go, libpod/sqlite_state_internal.go; stores.md, 5.3.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/host_path.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store::containers_storage {

/// JSON texts of one container.
struct PodmanRecord {
  std::string config, state;
};

struct PodmanState {
  std::map<std::string, PodmanRecord> containers;  // by id
  std::map<std::string, std::string> pods;         // id -> JSON of its configuration
  std::vector<Error> damages;                      // what of the file was left out
};

/// The newer of the two that is there, of SQLite also the one that a transient store keeps below
/// its run root; kNotFound: podman was never here. `file` names what was read.
Result<PodmanState> read_podman_state(const rootfs::HostRoot& host, const model::HostPath& root,
                                      const model::HostPath& run, model::HostPath& file);

/// Any bytes of a SQLite database. kCorrupt, kLimit.
Result<PodmanState> parse_sqlite_state(const std::string& database);

}  // namespace meridian::store::containers_storage
