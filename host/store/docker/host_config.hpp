// SPDX-License-Identifier: Apache-2.0
//
// host_config.hpp: containers/<id>/hostconfig.json: what a container was given of its host.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::store {

struct DeviceMapping {
  std::string on_host;
  std::string in_container;
  std::string permissions;  // of r, w, m
};

struct Ulimit {
  std::string name;  // "nofile"
  std::int64_t hard = 0;
  std::int64_t soft = 0;  // -1: without limit
};

/// A weight or rate of the block device at a path of the host.
struct DeviceRate {
  std::string path;
  std::uint64_t value = 0;
};

struct HostConfig {
  // "", "host", "private", "container:<id>", ...
  std::string network_mode, pid_mode, ipc_mode, uts_mode, userns_mode, cgroupns_mode;
  bool privileged = false;
  bool readonly_rootfs = false;
  std::optional<bool> init;  // absent: as the daemon is configured
  std::vector<std::string> cap_add, cap_drop;
  std::vector<std::string> group_add;
  std::map<std::string, std::string> tmpfs;  // destination -> options
  std::map<std::string, std::string> sysctls;
  std::int64_t shm_size = 0;  // bytes
  std::int64_t oom_score_adj = 0;
  std::string runtime;
  std::string cgroup_parent;
  std::vector<DeviceMapping> devices;
  std::vector<std::string> device_cgroup_rules;  // "c 42:* rmw"
  std::vector<Ulimit> ulimits;
  // nullopt: as the engine has them; empty: none, as --security-opt systempaths=unconfined has it.
  std::optional<std::vector<std::string>> masked_paths, readonly_paths;

  // Bytes, 0: no limit.
  std::int64_t memory = 0, memory_reservation = 0, memory_swap = 0, kernel_memory = 0;
  std::int64_t kernel_memory_tcp = 0;
  std::optional<std::int64_t> memory_swappiness;
  std::optional<bool> oom_kill_disable;
  std::int64_t cpu_shares = 0, nano_cpus = 0, cpu_period = 0, cpu_quota = 0;
  std::int64_t cpu_realtime_period = 0, cpu_realtime_runtime = 0;
  std::string cpuset_cpus, cpuset_mems;
  std::optional<std::int64_t> pids_limit;
  std::map<std::string, std::string> annotations;  // of the spec; since 24
  std::uint64_t blkio_weight = 0;
  std::vector<DeviceRate> blkio_weight_device, read_bps, write_bps, read_iops, write_iops;

  /// kCorrupt with the member, kLimit as model::Json. Absent members are as Go has them: zero.
  static Result<HostConfig> parse(std::string_view json);
};

/// The id or name after "container:"; empty for any other mode.
std::string_view joined_container(std::string_view mode);

}  // namespace meridian::store
