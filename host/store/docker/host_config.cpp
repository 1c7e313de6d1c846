// SPDX-License-Identifier: Apache-2.0
#include "store/docker/host_config.hpp"

#include "model/json.hpp"

namespace meridian::store {
namespace {

using model::Json;

Result<std::int64_t> number(const Json& json, std::string_view key) {
  MERIDIAN_TRY(const auto value, json.integer(key));
  return value.value_or(0);
}

Result<std::optional<std::vector<std::string>>> optional_texts(const Json& json,
                                                               std::string_view key) {
  if (!json.has(key)) return std::optional<std::vector<std::string>>();
  MERIDIAN_TRY(auto texts, json.texts(key));
  return std::optional(std::move(texts));
}

Result<std::optional<bool>> optional_flag(const Json& json, std::string_view key) {
  if (!json.has(key)) return std::optional<bool>();
  MERIDIAN_TRY(const bool flag, json.flag(key));
  return std::optional(flag);
}

Result<std::vector<DeviceRate>> read_rates(const Json& json, std::string_view key,
                                           std::string_view value_key) {
  MERIDIAN_TRY(const auto elements, json.list(key));
  std::vector<DeviceRate> rates;
  for (const Json& element : elements) {
    MERIDIAN_TRY(std::string path, element.text("Path"));
    MERIDIAN_TRY(const auto value, element.natural(value_key));
    rates.push_back({std::move(path), value.value_or(0)});
  }
  return rates;
}

Result<void> read_modes(const Json& json, HostConfig& out) {
  MERIDIAN_TRY(out.network_mode, json.text("NetworkMode"));
  MERIDIAN_TRY(out.pid_mode, json.text("PidMode"));
  MERIDIAN_TRY(out.ipc_mode, json.text("IpcMode"));
  MERIDIAN_TRY(out.uts_mode, json.text("UTSMode"));
  MERIDIAN_TRY(out.userns_mode, json.text("UsernsMode"));
  MERIDIAN_TRY(out.cgroupns_mode, json.text("CgroupnsMode"));
  MERIDIAN_TRY(out.annotations, json.text_map("Annotations"));
  MERIDIAN_TRY(out.privileged, json.flag("Privileged"));
  MERIDIAN_TRY(out.readonly_rootfs, json.flag("ReadonlyRootfs"));
  MERIDIAN_TRY(out.init, optional_flag(json, "Init"));
  MERIDIAN_TRY(out.runtime, json.text("Runtime"));
  MERIDIAN_TRY(out.cgroup_parent, json.text("CgroupParent"));
  return {};
}

Result<void> read_rights(const Json& json, HostConfig& out) {
  MERIDIAN_TRY(out.cap_add, json.texts("CapAdd"));
  MERIDIAN_TRY(out.cap_drop, json.texts("CapDrop"));
  MERIDIAN_TRY(out.group_add, json.texts("GroupAdd"));
  MERIDIAN_TRY(out.tmpfs, json.text_map("Tmpfs"));
  MERIDIAN_TRY(out.sysctls, json.text_map("Sysctls"));
  MERIDIAN_TRY(out.masked_paths, optional_texts(json, "MaskedPaths"));
  MERIDIAN_TRY(out.readonly_paths, optional_texts(json, "ReadonlyPaths"));
  MERIDIAN_TRY(out.device_cgroup_rules, json.texts("DeviceCgroupRules"));
  MERIDIAN_TRY(const auto devices, json.list("Devices"));
  for (const Json& device : devices) {
    DeviceMapping mapping;
    MERIDIAN_TRY(mapping.on_host, device.text("PathOnHost"));
    MERIDIAN_TRY(mapping.in_container, device.text("PathInContainer"));
    MERIDIAN_TRY(mapping.permissions, device.text("CgroupPermissions"));
    out.devices.push_back(std::move(mapping));
  }
  MERIDIAN_TRY(const auto ulimits, json.list("Ulimits"));
  for (const Json& ulimit : ulimits) {
    Ulimit limit;
    MERIDIAN_TRY(limit.name, ulimit.text("Name"));
    MERIDIAN_TRY(limit.hard, number(ulimit, "Hard"));
    MERIDIAN_TRY(limit.soft, number(ulimit, "Soft"));
    out.ulimits.push_back(std::move(limit));
  }
  return {};
}

Result<void> read_memory(const Json& json, HostConfig& out) {
  MERIDIAN_TRY(out.shm_size, number(json, "ShmSize"));
  MERIDIAN_TRY(out.oom_score_adj, number(json, "OomScoreAdj"));
  MERIDIAN_TRY(out.memory, number(json, "Memory"));
  MERIDIAN_TRY(out.memory_reservation, number(json, "MemoryReservation"));
  MERIDIAN_TRY(out.memory_swap, number(json, "MemorySwap"));
  MERIDIAN_TRY(out.kernel_memory, number(json, "KernelMemory"));
  MERIDIAN_TRY(out.kernel_memory_tcp, number(json, "KernelMemoryTCP"));
  MERIDIAN_TRY(out.memory_swappiness, json.integer("MemorySwappiness"));
  MERIDIAN_TRY(out.oom_kill_disable, optional_flag(json, "OomKillDisable"));
  MERIDIAN_TRY(out.pids_limit, json.integer("PidsLimit"));
  return {};
}

Result<void> read_cpu_and_io(const Json& json, HostConfig& out) {
  MERIDIAN_TRY(out.cpu_shares, number(json, "CpuShares"));
  MERIDIAN_TRY(out.nano_cpus, number(json, "NanoCpus"));
  MERIDIAN_TRY(out.cpu_period, number(json, "CpuPeriod"));
  MERIDIAN_TRY(out.cpu_quota, number(json, "CpuQuota"));
  MERIDIAN_TRY(out.cpu_realtime_period, number(json, "CpuRealtimePeriod"));
  MERIDIAN_TRY(out.cpu_realtime_runtime, number(json, "CpuRealtimeRuntime"));
  MERIDIAN_TRY(out.cpuset_cpus, json.text("CpusetCpus"));
  MERIDIAN_TRY(out.cpuset_mems, json.text("CpusetMems"));
  MERIDIAN_TRY(const auto weight, json.natural("BlkioWeight"));
  out.blkio_weight = weight.value_or(0);
  MERIDIAN_TRY(out.blkio_weight_device, read_rates(json, "BlkioWeightDevice", "Weight"));
  MERIDIAN_TRY(out.read_bps, read_rates(json, "BlkioDeviceReadBps", "Rate"));
  MERIDIAN_TRY(out.write_bps, read_rates(json, "BlkioDeviceWriteBps", "Rate"));
  MERIDIAN_TRY(out.read_iops, read_rates(json, "BlkioDeviceReadIOps", "Rate"));
  MERIDIAN_TRY(out.write_iops, read_rates(json, "BlkioDeviceWriteIOps", "Rate"));
  return {};
}

}  // namespace

Result<HostConfig> HostConfig::parse(std::string_view json) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  HostConfig out;
  MERIDIAN_CHECK(read_modes(root, out));
  MERIDIAN_CHECK(read_rights(root, out));
  MERIDIAN_CHECK(read_memory(root, out));
  MERIDIAN_CHECK(read_cpu_and_io(root, out));
  return out;
}

std::string_view joined_container(std::string_view mode) {
  constexpr std::string_view kPrefix = "container:";
  if (mode.substr(0, kPrefix.size()) != kPrefix) return {};
  return mode.substr(kPrefix.size());
}

}  // namespace meridian::store
