// SPDX-License-Identifier: Apache-2.0
#include "store/docker/records.hpp"

#include <algorithm>
#include <array>

#include "model/json.hpp"

namespace meridian::store {
namespace {

using model::ContainerState;
using model::Json;

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase36Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kDockerIdLength = 64;
constexpr std::size_t kBuildKitIdLength = 25;

bool consists_of(std::string_view text, std::string_view digits, std::size_t length) {
  return text.size() == length && text.find_first_not_of(digits) == std::string_view::npos;
}

// The order of moby's State.StateString, with Dead and RemovalInProgress first: a container that is
// going away keeps its other flags.
Result<ContainerState> read_state(const Json& state) {
  struct Flag {
    const char* name;
    ContainerState state;
  };
  for (const Flag flag :
       {Flag{"Dead", ContainerState::kDead}, Flag{"RemovalInProgress", ContainerState::kRemoving},
        Flag{"Restarting", ContainerState::kRestarting}, Flag{"Paused", ContainerState::kPaused},
        Flag{"Running", ContainerState::kRunning}}) {
    MERIDIAN_TRY(const bool set, state.flag(flag.name));
    if (set) return flag.state;
  }
  MERIDIAN_TRY(const std::string started, state.text("StartedAt"));
  const bool never = started.empty() || started.substr(0, 4) == "0001";  // Go's zero time
  return never ? ContainerState::kCreated : ContainerState::kExited;
}

Result<model::RunState> read_run(const Json& root, const Json& state) {
  model::RunState out;
  MERIDIAN_TRY(const auto pid, state.integer("Pid"));
  MERIDIAN_TRY(const auto exit_code, state.integer("ExitCode"));
  MERIDIAN_TRY(const auto restarts, root.integer("RestartCount"));
  out.pid = pid.value_or(0);
  out.exit_code = exit_code.value_or(0);
  out.restart_count = restarts.value_or(0);
  MERIDIAN_TRY(out.oom_killed, state.flag("OOMKilled"));
  MERIDIAN_TRY(out.started, state.text("StartedAt"));
  MERIDIAN_TRY(out.finished, state.text("FinishedAt"));
  MERIDIAN_TRY(out.error, state.text("Error"));
  MERIDIAN_TRY(const Json health, state.object("Health"));
  MERIDIAN_TRY(out.health, health.text("Status"));
  return out;
}

Result<MountPoint> read_mount_point(const std::string& destination, const Json& point) {
  MountPoint out;
  out.mount.destination = destination;
  MERIDIAN_TRY(out.mount.type, point.text("Type"));
  MERIDIAN_TRY(out.mount.name, point.text("Name"));
  MERIDIAN_TRY(out.mount.driver, point.text("Driver"));
  MERIDIAN_TRY(out.mount.source, point.text("Source"));
  MERIDIAN_TRY(out.mount.mode, point.text("Relabel"));
  MERIDIAN_TRY(out.mount.writable, point.flag("RW"));
  MERIDIAN_TRY(out.mount.propagation, point.text("Propagation"));
  MERIDIAN_TRY(const Json request, point.object("Spec"));
  MERIDIAN_TRY(out.read_only, request.flag("ReadOnly"));
  MERIDIAN_TRY(const Json bind, request.object("BindOptions"));
  MERIDIAN_TRY(out.non_recursive, bind.flag("NonRecursive"));
  MERIDIAN_TRY(out.read_only_top, bind.flag("ReadOnlyNonRecursive"));
  MERIDIAN_TRY(const Json tmpfs, request.object("TmpfsOptions"));
  MERIDIAN_TRY(const auto size, tmpfs.integer("SizeBytes"));
  MERIDIAN_TRY(const auto mode, tmpfs.natural("Mode"));
  out.tmpfs_size = size.value_or(0);
  out.tmpfs_mode = mode.value_or(0);
  return out;
}

/// What the engine needs to start it again.
Result<void> read_start(const Json& root, const Json& config, ContainerRecord& out) {
  MERIDIAN_TRY(out.path, root.text("Path"));
  MERIDIAN_TRY(out.args, root.texts("Args"));
  MERIDIAN_TRY(out.hostname, config.text("Hostname"));
  MERIDIAN_TRY(out.domainname, config.text("Domainname"));
  MERIDIAN_TRY(out.tty, config.flag("Tty"));
  MERIDIAN_TRY(out.network_disabled, config.flag("NetworkDisabled"));
  MERIDIAN_TRY(out.started_before, root.flag("HasBeenStartedBefore"));
  MERIDIAN_TRY(out.hosts_path, root.text("HostsPath"));
  MERIDIAN_TRY(out.hostname_path, root.text("HostnamePath"));
  MERIDIAN_TRY(out.resolv_conf_path, root.text("ResolvConfPath"));
  MERIDIAN_TRY(out.shm_path, root.text("ShmPath"));
  MERIDIAN_TRY(out.seccomp_profile, root.text("SeccompProfile"));
  MERIDIAN_TRY(out.apparmor_profile, root.text("AppArmorProfile"));
  MERIDIAN_TRY(out.process_label, root.text("ProcessLabel"));
  MERIDIAN_TRY(out.mount_label, root.text("MountLabel"));
  MERIDIAN_TRY(out.no_new_privileges, root.flag("NoNewPrivileges"));
  MERIDIAN_TRY(out.writable_cgroups, root.flag("WritableCgroups"));
  MERIDIAN_TRY(const Json network, root.object("NetworkSettings"));
  MERIDIAN_TRY(out.sandbox_key, network.text("SandboxKey"));
  MERIDIAN_TRY(const Json manifest, root.object("ImageManifest"));
  MERIDIAN_TRY(out.image_manifest, manifest.text("digest"));
  MERIDIAN_TRY(const Json platform, root.object("ImagePlatform"));
  MERIDIAN_TRY(out.architecture, platform.text("architecture"));
  out.since_28 = root.has("ImagePlatform");
  return {};
}

Result<ContainerRecord> read_container(const Json& root) {
  ContainerRecord out;
  MERIDIAN_TRY(out.id, root.text("ID"));
  MERIDIAN_TRY(out.driver, root.text("Driver"));
  MERIDIAN_TRY(out.image_id, root.text("Image"));
  MERIDIAN_TRY(out.created, root.text("Created"));
  MERIDIAN_TRY(out.name, root.text("Name"));
  if (!out.name.empty() && out.name.front() == '/') out.name.erase(0, 1);
  MERIDIAN_TRY(out.config.platform.os, root.text("OS"));
  out.config.created = out.created;
  MERIDIAN_TRY(const Json state, root.object("State"));
  MERIDIAN_TRY(out.state, read_state(state));
  MERIDIAN_TRY(out.run, read_run(root, state));
  MERIDIAN_TRY(const Json config, root.object("Config"));
  MERIDIAN_TRY(out.image_name, config.text("Image"));
  MERIDIAN_CHECK(model::read_execution(config, out.config));
  MERIDIAN_TRY(const Json mounts, root.object("MountPoints"));
  MERIDIAN_TRY(const auto points, mounts.members());
  for (const auto& [destination, point] : points) {
    MERIDIAN_TRY(MountPoint mount, read_mount_point(destination, point));
    out.mounts.push_back(std::move(mount));
  }
  MERIDIAN_CHECK(read_start(root, config, out));
  return out;
}

Result<Json> parse_object(std::string_view json) {
  MERIDIAN_TRY(Json root, Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  return root;
}

}  // namespace

Result<ContainerRecord> parse_container(std::string_view json) {
  MERIDIAN_TRY(const Json root, parse_object(json));
  auto record = read_container(root);
  if (record) record->config.raw = json;
  return record;
}

Result<Repositories> parse_repositories(std::string_view json) {
  MERIDIAN_TRY(const Json root, parse_object(json));
  MERIDIAN_TRY(const Json repositories, root.object("Repositories"));
  MERIDIAN_TRY(const auto entries, repositories.members());
  Repositories out;
  for (const auto& [repository, references] : entries) {
    MERIDIAN_TRY(const auto names, references.members());
    for (const auto& [name, id] : names) {
      MERIDIAN_TRY(const std::string image, id.as_text());
      out[image].push_back(name);
    }
  }
  for (auto& [image, names] : out) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }
  return out;
}

bool is_graph_driver(std::string_view driver) {
  constexpr std::array<std::string_view, 9> kDrivers = {
      "", "overlay2", "overlay", "vfs", "fuse-overlayfs", "btrfs", "zfs", "devicemapper", "aufs"};
  return std::find(kDrivers.begin(), kDrivers.end(), driver) != kDrivers.end();
}

bool is_docker_id(std::string_view text) { return consists_of(text, kHexDigits, kDockerIdLength); }

bool is_driver_id(std::string_view text) {
  constexpr std::string_view kInit = "-init";
  if (text.size() > kInit.size() && text.substr(text.size() - kInit.size()) == kInit) {
    text.remove_suffix(kInit.size());
  }
  return is_docker_id(text) || consists_of(text, kBase36Digits, kBuildKitIdLength);
}

}  // namespace meridian::store
