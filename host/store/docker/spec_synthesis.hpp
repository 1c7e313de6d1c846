// SPDX-License-Identifier: Apache-2.0
//
// spec_synthesis.hpp: the OCI runtime spec that dockerd would start a container with, from what it
// stored of it.
//
// Follows moby 20.10, daemon/oci_linux.go and oci/defaults.go, and 28.5 for records of 28 or later;
// compared with live engines by tests/integration/docker/spec_test.py, tests/full/docker28_test.py.
// What only the daemon knows is left out: hooks (its own process), the rules of its built-in
// seccomp profile, its default ulimits, swarm's secrets, the variables of legacy links.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "meridian/result.hpp"
#include "model/oci_spec.hpp"
#include "store/docker/accounts.hpp"
#include "store/docker/host_config.hpp"
#include "store/docker/records.hpp"

namespace meridian::store {

/// What the engine takes from its host and from other containers at a start. Called while a spec
/// is made only.
class SpecContext {
 public:
  virtual ~SpecContext() = default;

  struct Peer {
    std::int64_t pid = 0;  // 0: does not run
    std::string shm_path;
  };
  /// The container with this id or name, whose namespaces another one joins.
  virtual std::optional<Peer> peer(const std::string& container) const = 0;
  /// The device node at a path of the host, links followed, with an empty path; of a folder all
  /// nodes below it, with their paths from there: "/event0".
  virtual std::vector<model::SpecDevice> devices(const std::string& path) const = 0;
  /// What --privileged shows: the nodes of the host's /dev, with their whole paths.
  virtual std::vector<model::SpecDevice> all_devices() const = 0;
  /// The files of the container's own root file system.
  virtual Result<AccountFiles> accounts() const = 0;
};

/// The engine itself.
struct EngineFacts {
  std::string data_root;  // of the engine, as its containers' records write paths
  std::string exec_root;
  std::string init_path = "/usr/bin/docker-init";
  std::vector<std::string> all_capabilities;  // what --privileged and ALL are
  std::string kernel;                         // release, or empty
  bool apparmor = false;                      // the host's kernel has it switched on
  // userns-remap; empty: no user namespace.
  std::vector<model::SpecIdMapping> uid_mappings, gid_mappings;
};

/// `root_path`: where the engine mounts the container's root file system. kNotFound for a user or
/// group that is not in its files, kCorrupt for a record that dockerd would refuse too.
Result<model::OciSpec> synthesise_spec(const ContainerRecord& record, const HostConfig& host,
                                       const std::string& root_path, const EngineFacts& engine,
                                       const SpecContext& context);

}  // namespace meridian::store
