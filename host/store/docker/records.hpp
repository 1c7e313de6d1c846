// SPDX-License-Identifier: Apache-2.0
//
// records.hpp: the texts that dockerd writes, parsed. No disk here; every parser may be given any
// bytes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/inventory.hpp"

namespace meridian::store {

/// One of config.v2.json's MountPoints: what is mounted, and what of the request the engine needs
/// to mount it again.
struct MountPoint {
  model::Mount mount;
  bool read_only = false;       // of the request
  bool non_recursive = false;   // of a bind mount
  bool read_only_top = false;   // of a bind mount: what is mounted below it may be written
  std::int64_t tmpfs_size = 0;  // bytes, 0: not said
  std::uint64_t tmpfs_mode = 0;
};

/// containers/<id>/config.v2.json.
struct ContainerRecord {
  std::string id;
  std::string driver;  // of its file system: "overlay2"; a snapshotter's name in a containerd store
  std::string image_id;    // in a containerd store the digest of an index or manifest
  std::string image_name;  // what the user typed
  std::string name;        // without the leading '/'
  std::string created;
  model::ContainerState state = model::ContainerState::kExited;
  model::RunState run;
  model::ImageConfig config;
  std::string image_manifest;  // of its platform: a digest; empty with a graph driver
  std::string architecture;    // of its image
  /// Written by dockerd 28 or later, which makes a spec otherwise than 20.10.
  bool since_28 = false;
  bool started_before = false;

  std::string path;  // the program, then its arguments: entrypoint and command as one
  std::vector<std::string> args;
  std::string hostname, domainname;
  bool tty = false;
  bool network_disabled = false;

  std::vector<MountPoint> mounts;  // by destination
  // Paths on the host; empty: the engine made none.
  std::string hosts_path, hostname_path, resolv_conf_path, shm_path;
  std::string sandbox_key;      // of its network namespace: <exec root>/netns/<id>
  std::string seccomp_profile;  // "", "unconfined", "builtin", or a profile
  std::string apparmor_profile;
  std::string process_label, mount_label;  // SELinux
  bool no_new_privileges = false;
  bool writable_cgroups = false;
};
Result<ContainerRecord> parse_container(std::string_view json);

/// image/<driver>/repositories.json: image id -> its names, sorted.
using Repositories = std::map<std::string, std::vector<std::string>>;
Result<Repositories> parse_repositories(std::string_view json);

/// Storage drivers of dockerd itself; other names are containerd's snapshotters. (The names btrfs
/// and zfs are both; neither is read.) A record without a driver is from before there were others.
bool is_graph_driver(std::string_view driver);

/// 64 hexadecimal digits: a container, an image.
bool is_docker_id(std::string_view text);
/// A folder of a storage driver: a docker id or what BuildKit makes (25 letters and digits), either
/// with "-init".
bool is_driver_id(std::string_view text);

}  // namespace meridian::store
