// SPDX-License-Identifier: Apache-2.0
#include "environment/container.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/escape.hpp"
#include "environment/own_files.hpp"
#include "store/procfs/parse.hpp"

namespace meridian::environment {

namespace {

/// What gVisor answers in /proc/version whatever the machine runs (pkg/sentry/syscalls/linux).
constexpr std::string_view kGvisorKernel =
    "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_engine_file(std::string_view point) {
  return point == "/etc/hosts" || point == "/etc/hostname" || point == "/etc/resolv.conf" ||
         point == "/run/.containerenv";
}

/// The engine in whose store a root file system lies, by the names that its storage drivers use.
std::string engine_of_root(std::string_view place) {
  if (contains(place, "/io.containerd.snapshotter.v1.")) return "containerd";
  if (contains(place, "/storage/overlay/") || contains(place, "/storage/vfs/dir/") ||
      contains(place, "/overlay-containers/")) {
    return "podman";
  }
  for (const char* const driver :
       {"/overlay2/", "/vfs/dir/", "/fuse-overlayfs/", "/btrfs/subvolumes/"}) {
    if (contains(place, driver)) return "docker";
  }
  return "";
}

/// The engine that keeps such a file for each of its containers.
std::string engine_of_file(std::string_view root) {
  if (contains(root, "-containers/") && contains(root, "/userdata/")) return "podman";
  if (contains(root, "io.containerd.grpc.v1.cri/")) return "containerd";
  const auto at = root.rfind("/containers/");
  if (at == std::string_view::npos) return "";
  const std::string_view id = root.substr(at + 12, 64);
  const bool is_id = id.size() == 64 && id.find_first_not_of("0123456789abcdef") == id.npos;
  return is_id ? "docker" : "";
}

class Search {
 public:
  void look_at(const store::MountDetails& mount);
  void look_at_cgroup(const std::string& path);
  void weigh_hints(const ContainerSigns& signs);
  Container take() { return std::move(found_); }

 private:
  void sign(const std::string& engine, const std::string& evidence) {
    found_.inside = true;
    if (found_.engine.empty()) found_.engine = engine;
    found_.evidence.push_back(evidence);
  }

  Container found_;
  bool overlay_root_ = false;
};

void Search::look_at(const store::MountDetails& mount) {
  const std::string& point = mount.place.point;
  if (contains(mount.place.root, "/kubelet/pods/") ||
      contains(point, "/kubernetes.io/serviceaccount")) {
    if (!found_.is_kubernetes) sign("", base::escape(point) + " is the kubelet's");
    found_.is_kubernetes = true;
  } else if (point == "/") {
    overlay_root_ =
        mount.kind == "overlay" || mount.kind == "fuse.fuse-overlayfs" || mount.kind == "9p";
    const std::string upper = store::option_value(mount.super_options, "upperdir").value_or("");
    const std::string& place = upper.empty() ? mount.place.root : upper;
    const std::string engine = engine_of_root(place + "/");
    if (!engine.empty()) sign(engine, "/ is " + base::escape(place));
  } else if (is_engine_file(point)) {
    const std::string engine = engine_of_file(mount.place.root);
    if (!engine.empty())
      sign(engine, base::escape(point) + " is " + base::escape(mount.place.root));
  }
}

void Search::look_at_cgroup(const std::string& path) {
  if (!store::names_any_container(path)) return;
  const bool podman = contains(path, "libpod-");
  const bool docker = contains(path, "docker");
  const bool crio = contains(path, "crio-");
  sign(podman ? "podman" : crio ? "cri-o" : docker ? "docker" : "", "cgroup " + base::escape(path));
  found_.is_kubernetes = found_.is_kubernetes || contains(path, "kubepods");
}

void Search::weigh_hints(const ContainerSigns& signs) {
  if (signs.kernel.substr(0, kGvisorKernel.size()) == kGvisorKernel) {
    found_.is_gvisor = true;
    sign("", "/proc/version is gVisor's");
  }
  if (!signs.docker_mark && !signs.podman_mark) return;
  // A mark and one more thing that no plain machine has.
  if (!found_.inside && !overlay_root_ && signs.first_pid_namespace) return;
  if (signs.docker_mark) {
    sign("docker", "/.dockerenv");
  } else {
    sign("podman", "/run/.containerenv");
  }
}

}  // namespace

std::string Container::text() const {
  if (!inside) return "no container";
  std::string words = engine.empty() ? "a container" : "a container of " + engine;
  if (is_kubernetes) words += ", in a Kubernetes pod";
  if (is_gvisor) words += ", under gVisor";
  return words;
}

Container find_container(const ContainerSigns& signs) {
  Search search;
  // A graph root may be called anything, and vfs has the same folders for Docker and podman: the
  // files that an engine mounts say it better.
  const auto is_root = [](const auto& mount) { return mount.place.point == "/"; };
  for (const bool root : {false, true}) {
    for (const store::MountDetails& mount : signs.mounts) {
      if (is_root(mount) == root) search.look_at(mount);
    }
  }
  for (const std::string& path : signs.cgroups) search.look_at_cgroup(path);
  search.weigh_hints(signs);
  return search.take();
}

ContainerSigns own_signs() {
  ContainerSigns signs;
  signs.mounts = store::parse_mount_details(own_text("/proc/self/mountinfo", kMaxMountInfo));
  signs.cgroups = store::parse_cgroup_paths(own_text("/proc/self/cgroup", kMaxOwnText));
  signs.kernel = own_text("/proc/version", kMaxOwnText);
  signs.docker_mark = ::access("/.dockerenv", F_OK) == 0;
  signs.podman_mark = ::access("/run/.containerenv", F_OK) == 0;
  signs.first_pid_namespace = own_namespace("pid") == kFirstPidNamespace;
  return signs;
}

}  // namespace meridian::environment
