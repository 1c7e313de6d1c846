// SPDX-License-Identifier: Apache-2.0
//
// task_files.hpp: what the runtime side keeps of a container that runs or ran: the shim's bundle in
// containerd's state directory, and the runtime's own state.
//
// Facts: containerd, core/runtime/v2 (bundle.go) and cmd/containerd-shim-runc-v2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/host_path.hpp"
#include "rootfs/host_root.hpp"
#include "store/containerd/metadata.hpp"

namespace meridian::store::containerd {

/// What a container's record says of its runtime; what it does not say is empty.
struct RuntimeOptions {
  std::string binary;  // the program of the OCI runtime
  std::string root;    // where that keeps its state
  std::string config;  // of a runtime unlike runc: its configuration file
};
/// Bytes of an Any: containerd.runc.v1.Options or runtimeoptions.v1.Options.
Result<RuntimeOptions> parse_runtime_options(std::string_view any);

class TaskFiles {
 public:
  /// `state` is containerd's state directory; `host` outlives this.
  TaskFiles(const rootfs::HostRoot& host, const model::HostPath& state,
            const std::string& name_space);

  /// Whether there is a task: one that ended has it until it is removed.
  bool exists(const std::string& id) const { return host_.exists(bundles_ / id); }
  /// The first process, as the shim wrote it down; nullopt: not there. `file` names the file.
  Result<std::optional<std::int64_t>> pid(const std::string& id, std::string& file) const;
  /// The state file of runc, crun or youki; nullopt: none is there.
  Result<std::optional<std::string>> state(const ContainerRecord& record, std::string& file) const;

 private:
  const rootfs::HostRoot& host_;
  model::HostPath bundles_;
  std::string name_space_;
};

}  // namespace meridian::store::containerd
