// SPDX-License-Identifier: Apache-2.0
//
// engine_records.hpp: what podman, buildah and CRI-O record of a container beside the storage's own
// list, as one kind of value.
//
// Facts: podman, libpod/container.go (ContainerConfig, ContainerState) and
// define/containerstate.go; CRI-O, internal/storage/runtime.go and internal/oci/container.go;
// buildah, buildah.go.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/inventory.hpp"
#include "store/procfs/liveness.hpp"

namespace meridian::store::containers_storage {

/// What is not said is empty.
struct EngineRecord {
  std::string engine;  // "podman", "buildah", "cri-o"
  std::string name, image_name, created;
  std::optional<model::Pod> pod;
  std::string pod_id;   // of podman: which of PodmanState::pods
  std::string runtime;  // program of the OCI runtime, or CRI-O's handler
  std::string spec_json;
  std::string rootfs;  // a folder of the host that is its root instead of a layer (--rootfs)
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> volumes;  // destination -> name
  std::vector<std::string> user_volumes;       // destinations that the user asked for
  std::map<std::string, std::string> joined;   // "network", ... -> the container that has it
  bool has_health_check = false;
  std::string user;
  std::vector<std::string> entrypoint, command;
  std::vector<std::string> exposed_ports;  // "80/tcp"
  std::string raw;                         // podman's configuration of it, without the spec
  model::ContainerState state = model::ContainerState::kUnknown;
  RecordedProcess process;  // of a running one
  std::string started, finished, error;
  std::int64_t exit_code = 0;
  std::int64_t restart_count = 0;
  bool oom_killed = false;
};

/// podman's configuration of a container. Its state is not known by it.
Result<EngineRecord> parse_podman(std::string_view config);
/// podman's state of it, into a record; kUnknown where the text names none.
Result<void> add_podman_state(std::string_view json, EngineRecord& record);
/// "healthy", ... of podman's healthcheck.log.
Result<std::string> parse_health(std::string_view json);
/// The metadata in containers.json of CRI-O; nullopt: it is not CRI-O's.
Result<std::optional<EngineRecord>> parse_crio(std::string_view metadata);
/// CRI-O's userdata/state.json, into a record.
Result<void> add_crio_state(std::string_view json, EngineRecord& record);
/// userdata/buildah.json of a working container.
Result<EngineRecord> parse_buildah(std::string_view json);
/// A pod's name in podman's configuration of it.
Result<std::string> parse_pod_name(std::string_view json);

}  // namespace meridian::store::containers_storage
