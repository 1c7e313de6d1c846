// SPDX-License-Identifier: Apache-2.0
#include "model/oci_spec.hpp"

#include <algorithm>
#include <limits>

#include "model/json.hpp"

namespace meridian::model {
namespace {

Result<std::uint32_t> to_word(std::uint64_t number, std::string_view key) {
  if (number > std::numeric_limits<std::uint32_t>::max()) {
    return Error(ErrorCode::kCorrupt, "'" + std::string(key) + "': is out of range");
  }
  return static_cast<std::uint32_t>(number);
}

Result<std::uint32_t> word(const Json& json, std::string_view key) {
  MERIDIAN_TRY(const auto number, json.natural(key));
  return to_word(number.value_or(0), key);
}

Result<std::optional<std::uint32_t>> optional_word(const Json& json, std::string_view key) {
  MERIDIAN_TRY(const auto number, json.natural(key));
  if (!number) return std::optional<std::uint32_t>();
  MERIDIAN_TRY(const std::uint32_t value, to_word(*number, key));
  return std::optional(value);
}

/// Each element of the list `key`, read by `read`.
template <typename Value>
Result<std::vector<Value>> read_list(const Json& json, std::string_view key,
                                     Result<Value> (*read)(const Json&)) {
  MERIDIAN_TRY(const auto elements, json.list(key));
  std::vector<Value> values;
  for (const Json& element : elements) {
    auto value = read(element);
    if (!value) {
      return std::move(value).error().in("'" + std::string(key) + "'[" +
                                         std::to_string(values.size()) + "]");
    }
    values.push_back(*std::move(value));
  }
  return values;
}

Result<SpecUser> read_user(const Json& json) {
  SpecUser out;
  MERIDIAN_TRY(out.uid, word(json, "uid"));
  MERIDIAN_TRY(out.gid, word(json, "gid"));
  MERIDIAN_TRY(const auto gids, json.list("additionalGids"));
  for (const Json& gid : gids) {
    MERIDIAN_TRY(const std::uint64_t number, gid.as_natural());
    MERIDIAN_TRY(const std::uint32_t value, to_word(number, "additionalGids"));
    out.additional_gids.push_back(value);
  }
  return out;
}

Result<SpecCapabilities> read_capabilities(const Json& json) {
  SpecCapabilities out;
  MERIDIAN_TRY(out.bounding, json.texts("bounding"));
  MERIDIAN_TRY(out.effective, json.texts("effective"));
  MERIDIAN_TRY(out.inheritable, json.texts("inheritable"));
  MERIDIAN_TRY(out.permitted, json.texts("permitted"));
  MERIDIAN_TRY(out.ambient, json.texts("ambient"));
  return out;
}

Result<SpecRlimit> read_rlimit(const Json& json) {
  SpecRlimit out;
  MERIDIAN_TRY(out.type, json.text("type"));
  MERIDIAN_TRY(const auto hard, json.natural("hard"));
  MERIDIAN_TRY(const auto soft, json.natural("soft"));
  out.hard = hard.value_or(0);
  out.soft = soft.value_or(0);
  return out;
}

Result<SpecProcess> read_process(const Json& json) {
  SpecProcess out;
  MERIDIAN_TRY(out.terminal, json.flag("terminal"));
  MERIDIAN_TRY(const Json user, json.object("user"));
  MERIDIAN_TRY(out.user, read_user(user));
  MERIDIAN_TRY(out.args, json.texts("args"));
  MERIDIAN_TRY(out.env, json.texts("env"));
  MERIDIAN_TRY(out.cwd, json.text("cwd"));
  MERIDIAN_TRY(const Json capabilities, json.object("capabilities"));
  MERIDIAN_TRY(out.capabilities, read_capabilities(capabilities));
  MERIDIAN_TRY(out.rlimits, read_list(json, "rlimits", &read_rlimit));
  MERIDIAN_TRY(out.no_new_privileges, json.flag("noNewPrivileges"));
  MERIDIAN_TRY(out.apparmor_profile, json.text("apparmorProfile"));
  MERIDIAN_TRY(out.oom_score_adj, json.integer("oomScoreAdj"));
  MERIDIAN_TRY(out.selinux_label, json.text("selinuxLabel"));
  return out;
}

Result<SpecMount> read_mount(const Json& json) {
  SpecMount out;
  MERIDIAN_TRY(out.destination, json.text("destination"));
  MERIDIAN_TRY(out.type, json.text("type"));
  MERIDIAN_TRY(out.source, json.text("source"));
  MERIDIAN_TRY(out.options, json.texts("options"));
  return out;
}

Result<SpecHook> read_hook(const Json& json) {
  SpecHook out;
  MERIDIAN_TRY(out.path, json.text("path"));
  MERIDIAN_TRY(out.args, json.texts("args"));
  return out;
}

Result<SpecNamespace> read_namespace(const Json& json) {
  SpecNamespace out;
  MERIDIAN_TRY(out.type, json.text("type"));
  MERIDIAN_TRY(out.path, json.text("path"));
  return out;
}

Result<SpecIdMapping> read_mapping(const Json& json) {
  SpecIdMapping out;
  MERIDIAN_TRY(out.container_id, word(json, "containerID"));
  MERIDIAN_TRY(out.host_id, word(json, "hostID"));
  MERIDIAN_TRY(const auto size, json.natural("size"));
  out.size = size.value_or(0);
  return out;
}

Result<SpecDevice> read_device(const Json& json) {
  SpecDevice out;
  MERIDIAN_TRY(out.path, json.text("path"));
  MERIDIAN_TRY(out.type, json.text("type"));
  MERIDIAN_TRY(const auto major, json.integer("major"));
  MERIDIAN_TRY(const auto minor, json.integer("minor"));
  out.major = major.value_or(0);
  out.minor = minor.value_or(0);
  MERIDIAN_TRY(out.file_mode, optional_word(json, "fileMode"));
  MERIDIAN_TRY(out.uid, optional_word(json, "uid"));
  MERIDIAN_TRY(out.gid, optional_word(json, "gid"));
  return out;
}

Result<SpecDeviceRule> read_device_rule(const Json& json) {
  SpecDeviceRule out;
  MERIDIAN_TRY(out.allow, json.flag("allow"));
  MERIDIAN_TRY(out.type, json.text("type"));
  MERIDIAN_TRY(out.major, json.integer("major"));
  MERIDIAN_TRY(out.minor, json.integer("minor"));
  MERIDIAN_TRY(out.access, json.text("access"));
  return out;
}

Result<SpecMemory> read_memory(const Json& json) {
  SpecMemory out;
  MERIDIAN_TRY(out.limit, json.integer("limit"));
  MERIDIAN_TRY(out.reservation, json.integer("reservation"));
  MERIDIAN_TRY(out.swap, json.integer("swap"));
  MERIDIAN_TRY(out.kernel, json.integer("kernel"));
  MERIDIAN_TRY(out.kernel_tcp, json.integer("kernelTCP"));
  MERIDIAN_TRY(out.swappiness, json.natural("swappiness"));
  if (json.has("disableOOMKiller")) {
    MERIDIAN_TRY(out.disable_oom_killer, json.flag("disableOOMKiller"));
  }
  return out;
}

Result<SpecCpu> read_cpu(const Json& json) {
  SpecCpu out;
  MERIDIAN_TRY(out.shares, json.natural("shares"));
  MERIDIAN_TRY(out.quota, json.integer("quota"));
  MERIDIAN_TRY(out.period, json.natural("period"));
  MERIDIAN_TRY(out.realtime_runtime, json.integer("realtimeRuntime"));
  MERIDIAN_TRY(out.realtime_period, json.natural("realtimePeriod"));
  MERIDIAN_TRY(out.cpus, json.text("cpus"));
  MERIDIAN_TRY(out.mems, json.text("mems"));
  return out;
}

Result<SpecBlockRate> read_block_value(const Json& json, std::string_view key) {
  SpecBlockRate out;
  MERIDIAN_TRY(const auto major, json.integer("major"));
  MERIDIAN_TRY(const auto minor, json.integer("minor"));
  MERIDIAN_TRY(const auto value, json.natural(key));
  out.major = major.value_or(0);
  out.minor = minor.value_or(0);
  out.value = value.value_or(0);
  return out;
}

Result<SpecBlockRate> read_rate(const Json& json) { return read_block_value(json, "rate"); }
Result<SpecBlockRate> read_weight(const Json& json) { return read_block_value(json, "weight"); }

Result<SpecBlockIo> read_block_io(const Json& json) {
  SpecBlockIo out;
  MERIDIAN_TRY(out.weight, json.natural("weight"));
  MERIDIAN_TRY(out.weight_device, read_list(json, "weightDevice", &read_weight));
  MERIDIAN_TRY(out.read_bps, read_list(json, "throttleReadBpsDevice", &read_rate));
  MERIDIAN_TRY(out.write_bps, read_list(json, "throttleWriteBpsDevice", &read_rate));
  MERIDIAN_TRY(out.read_iops, read_list(json, "throttleReadIOPSDevice", &read_rate));
  MERIDIAN_TRY(out.write_iops, read_list(json, "throttleWriteIOPSDevice", &read_rate));
  return out;
}

Result<SpecResources> read_resources(const Json& json) {
  SpecResources out;
  MERIDIAN_TRY(out.devices, read_list(json, "devices", &read_device_rule));
  if (json.has("memory")) {
    MERIDIAN_TRY(const Json memory, json.object("memory"));
    MERIDIAN_TRY(out.memory, read_memory(memory));
  }
  if (json.has("cpu")) {
    MERIDIAN_TRY(const Json cpu, json.object("cpu"));
    MERIDIAN_TRY(out.cpu, read_cpu(cpu));
  }
  MERIDIAN_TRY(const Json pids, json.object("pids"));
  MERIDIAN_TRY(out.pids_limit, pids.integer("limit"));
  if (json.has("blockIO")) {
    MERIDIAN_TRY(const Json block_io, json.object("blockIO"));
    MERIDIAN_TRY(out.block_io, read_block_io(block_io));
  }
  return out;
}

Result<SpecSyscallArg> read_syscall_arg(const Json& json) {
  SpecSyscallArg out;
  MERIDIAN_TRY(const auto index, json.natural("index"));
  MERIDIAN_TRY(const auto value, json.natural("value"));
  MERIDIAN_TRY(const auto value_two, json.natural("valueTwo"));
  MERIDIAN_TRY(out.op, json.text("op"));
  out.index = index.value_or(0);
  out.value = value.value_or(0);
  out.value_two = value_two.value_or(0);
  return out;
}

Result<SpecSyscall> read_syscall(const Json& json) {
  SpecSyscall out;
  MERIDIAN_TRY(out.names, json.texts("names"));
  MERIDIAN_TRY(out.action, json.text("action"));
  MERIDIAN_TRY(out.errno_ret, json.natural("errnoRet"));
  MERIDIAN_TRY(out.args, read_list(json, "args", &read_syscall_arg));
  return out;
}

Result<SpecSeccomp> read_seccomp(const Json& json) {
  SpecSeccomp out;
  MERIDIAN_TRY(out.default_action, json.text("defaultAction"));
  MERIDIAN_TRY(out.default_errno_ret, json.natural("defaultErrnoRet"));
  MERIDIAN_TRY(out.architectures, json.texts("architectures"));
  MERIDIAN_TRY(out.flags, json.texts("flags"));
  MERIDIAN_TRY(out.syscalls, read_list(json, "syscalls", &read_syscall));
  return out;
}

Result<void> read_linux(const Json& json, OciSpec& out) {
  MERIDIAN_TRY(out.uid_mappings, read_list(json, "uidMappings", &read_mapping));
  MERIDIAN_TRY(out.gid_mappings, read_list(json, "gidMappings", &read_mapping));
  MERIDIAN_TRY(out.sysctl, json.text_map("sysctl"));
  MERIDIAN_TRY(const Json resources, json.object("resources"));
  MERIDIAN_TRY(out.resources, read_resources(resources));
  MERIDIAN_TRY(out.cgroups_path, json.text("cgroupsPath"));
  MERIDIAN_TRY(out.namespaces, read_list(json, "namespaces", &read_namespace));
  MERIDIAN_TRY(out.devices, read_list(json, "devices", &read_device));
  if (json.has("seccomp")) {
    MERIDIAN_TRY(const Json seccomp, json.object("seccomp"));
    MERIDIAN_TRY(out.seccomp, read_seccomp(seccomp));
  }
  MERIDIAN_TRY(out.rootfs_propagation, json.text("rootfsPropagation"));
  MERIDIAN_TRY(out.masked_paths, json.texts("maskedPaths"));
  MERIDIAN_TRY(out.readonly_paths, json.texts("readonlyPaths"));
  MERIDIAN_TRY(out.mount_label, json.text("mountLabel"));
  return {};
}

Result<OciSpec> read_spec(const Json& json) {
  OciSpec out;
  MERIDIAN_TRY(out.version, json.text("ociVersion"));
  MERIDIAN_TRY(const Json process, json.object("process"));
  MERIDIAN_TRY(out.process, read_process(process));
  MERIDIAN_TRY(const Json root, json.object("root"));
  MERIDIAN_TRY(out.root_path, root.text("path"));
  MERIDIAN_TRY(out.root_readonly, root.flag("readonly"));
  MERIDIAN_TRY(out.hostname, json.text("hostname"));
  MERIDIAN_TRY(out.mounts, read_list(json, "mounts", &read_mount));
  MERIDIAN_TRY(const Json hooks, json.object("hooks"));
  MERIDIAN_TRY(const auto kinds, hooks.members());
  for (const auto& [kind, list] : kinds) {
    MERIDIAN_TRY(auto read, read_list(hooks, kind, &read_hook));
    if (!read.empty()) out.hooks.emplace(kind, std::move(read));
  }
  MERIDIAN_TRY(out.annotations, json.text_map("annotations"));
  MERIDIAN_TRY(const Json system, json.object("linux"));
  MERIDIAN_CHECK(read_linux(system, out));
  return out;
}

}  // namespace

bool SpecMount::has_option(std::string_view option) const {
  return std::find(options.begin(), options.end(), option) != options.end();
}

Result<OciSpec> OciSpec::parse(std::string_view json) {
  auto root = Json::parse(json);
  if (!root) return std::move(root).error().in("OCI runtime spec");
  if (!root->is_object()) return Error(ErrorCode::kCorrupt, "OCI runtime spec: is no JSON object");
  auto spec = read_spec(*root);
  if (!spec) return std::move(spec).error().in("OCI runtime spec");
  return spec;
}

const SpecNamespace* OciSpec::find_namespace(std::string_view type) const {
  const auto found = std::find_if(namespaces.begin(), namespaces.end(),
                                  [type](const SpecNamespace& one) { return one.type == type; });
  return found == namespaces.end() ? nullptr : &*found;
}

}  // namespace meridian::model
