// SPDX-License-Identifier: Apache-2.0
//
// runtime_files.hpp: what the runtime side keeps of a running container: the bundle's config.json
// (containerd's, private to dockerd or the system's) and the runtime's own state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/host_path.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

class RuntimeFiles {
 public:
  /// `exec_roots`: dockerd's, the likeliest first; the default one is looked at in any case.
  /// `remapped`: "100000.100000" where the data root is one of userns-remap, else empty.
  RuntimeFiles(const rootfs::HostRoot& host, std::vector<std::string> exec_roots,
               std::string_view remapped);

  const std::string& exec_root() const { return exec_roots_.front().text(); }
  /// The spec that container `id` (64 hexadecimal digits) was started with; nullopt: no bundle.
  /// The error is one of a file that is there; `file` names it.
  Result<std::optional<std::string>> spec(const std::string& id, std::string& file) const;
  /// The state file of runc or crun. dockerd gives each runtime a folder named by its program,
  /// which need not be the handler's name; all of them are looked at.
  Result<std::optional<std::string>> state(const std::string& id, std::string& file) const;
  /// Where runtimes keep such files: <exec root>/runtime-<program>/<namespace>.
  std::vector<model::HostPath> state_folders() const;

 private:
  Result<std::optional<std::string>> first_of(const std::vector<model::HostPath>& places,
                                              std::string& file) const;

  const rootfs::HostRoot& host_;
  std::vector<model::HostPath> exec_roots_;
  std::vector<model::HostPath> state_roots_;  // <exec root>/runtime-<program>
  std::vector<std::string> namespaces_;
};

/// The exec root that the key of a container's network sandbox names: "/run/docker" of
/// "/run/docker/netns/1a2b"; empty: it names none.
std::string exec_root_of(std::string_view sandbox_key);

}  // namespace meridian::store
