// SPDX-License-Identifier: Apache-2.0
//
// cri.hpp: what containerd's Kubernetes plugin (CRI) records of its containers and pod sandboxes.
//
// Facts: containerd, internal/cri/store/{container,sandbox}/metadata.go and container/status.go;
// real stores of 1.6 and 2.1. Any text: kCorrupt with the member.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::store::containerd {

/// The name space of all of them, and the labels that the plugin sets.
inline constexpr std::string_view kCriKind = "io.cri-containerd.kind";  // "container", "sandbox"

/// Extension io.cri-containerd.container.metadata or .sandbox.metadata.
struct CriMetadata {
  std::string name;                    // of the container in its pod, or of the pod
  std::string sandbox;                 // id; of containers
  std::string image;                   // "sha256:..." of the config; of containers
  std::string pod_uid, pod_namespace;  // of sandboxes
  std::string handler;                 // of sandboxes: the RuntimeClass's; empty: the default
};
Result<CriMetadata> parse_cri_metadata(std::string_view json);

/// File `status` of a container. Nanoseconds since 1970; 0: not yet.
struct CriStatus {
  std::int64_t pid = 0;
  std::int64_t started = 0, finished = 0;
  std::int64_t exit_code = 0;
  std::string reason;   // "OOMKilled", "Error", "Completed"
  std::string message;  // why it could not start
};
Result<CriStatus> parse_cri_status(std::string_view json);

}  // namespace meridian::store::containerd
