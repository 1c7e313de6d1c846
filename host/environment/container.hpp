// SPDX-License-Identifier: Apache-2.0
//
// container.hpp: whether this process runs in a container, and whose. Pure, but for own_signs().
//
// From what the kernel says of the process itself: the file system at /, the files that engines
// mount into containers, its cgroup. /.dockerenv and /run/.containerenv are files like any other
// (machines made from an image have them), so alone they decide nothing.
#pragma once

#include <string>
#include <vector>

#include "store/procfs/mount_table.hpp"

namespace meridian::environment {

struct ContainerSigns {
  std::vector<store::MountDetails> mounts;  // of /proc/self/mountinfo
  std::vector<std::string> cgroups;         // paths of /proc/self/cgroup
  std::string kernel;                       // /proc/version
  bool docker_mark = false;                 // /.dockerenv
  bool podman_mark = false;                 // /run/.containerenv
  bool first_pid_namespace = true;
};

struct Container {
  bool inside = false;
  std::string engine;                 // docker, containerd, podman, cri-o; "": not known
  bool is_kubernetes = false;         // a pod's
  bool is_gvisor = false;             // a kernel of its own, in user space
  std::vector<std::string> evidence;  // for people, escaped

  /// "a Docker container under gVisor", "no container".
  std::string text() const;
};

Container find_container(const ContainerSigns& signs);

/// Of this process; what cannot be read says nothing. Some 100 microseconds.
ContainerSigns own_signs();

}  // namespace meridian::environment
