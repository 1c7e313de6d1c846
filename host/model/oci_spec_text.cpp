// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "model/oci_spec.hpp"

namespace meridian::model {
namespace {

using Node = nlohmann::ordered_json;

// As runtime-spec's Go structures do (`omitempty`): what is empty is not written.
template <typename Value>
void put(Node& to, const char* key, const Value& value) {
  if (!value.empty()) to[key] = value;
}
void put(Node& to, const char* key, bool value) {
  if (value) to[key] = true;
}
template <typename Value>
void put(Node& to, const char* key, const std::optional<Value>& value) {
  if (value) to[key] = *value;
}
template <typename Value>
void put_each(Node& to, const std::string& key, const std::vector<Value>& values,
              Node (*write)(const Value&)) {
  if (values.empty()) return;
  Node list = Node::array();
  for (const Value& value : values) list.push_back(write(value));
  to[key] = std::move(list);
}

Node user_node(const SpecUser& user) {
  Node out = {{"uid", user.uid}, {"gid", user.gid}};
  put(out, "additionalGids", user.additional_gids);
  return out;
}

Node capabilities_node(const SpecCapabilities& sets) {
  Node out = Node::object();
  put(out, "bounding", sets.bounding);
  put(out, "effective", sets.effective);
  put(out, "inheritable", sets.inheritable);
  put(out, "permitted", sets.permitted);
  put(out, "ambient", sets.ambient);
  return out;
}

Node rlimit_node(const SpecRlimit& limit) {
  return {{"type", limit.type}, {"hard", limit.hard}, {"soft", limit.soft}};
}

Node process_node(const SpecProcess& process) {
  Node out = Node::object();
  put(out, "terminal", process.terminal);
  out["user"] = user_node(process.user);
  put(out, "args", process.args);
  put(out, "env", process.env);
  out["cwd"] = process.cwd;
  out["capabilities"] = capabilities_node(process.capabilities);
  put_each(out, "rlimits", process.rlimits, &rlimit_node);
  put(out, "noNewPrivileges", process.no_new_privileges);
  put(out, "apparmorProfile", process.apparmor_profile);
  put(out, "oomScoreAdj", process.oom_score_adj);
  put(out, "selinuxLabel", process.selinux_label);
  return out;
}

Node mount_node(const SpecMount& mount) {
  Node out = {{"destination", mount.destination}};
  put(out, "type", mount.type);
  put(out, "source", mount.source);
  put(out, "options", mount.options);
  return out;
}

Node hook_node(const SpecHook& hook) {
  Node out = {{"path", hook.path}};
  put(out, "args", hook.args);
  return out;
}

Node namespace_node(const SpecNamespace& one) {
  Node out = {{"type", one.type}};
  put(out, "path", one.path);
  return out;
}

Node mapping_node(const SpecIdMapping& mapping) {
  return {
      {"containerID", mapping.container_id}, {"hostID", mapping.host_id}, {"size", mapping.size}};
}

Node device_node(const SpecDevice& device) {
  Node out = {{"path", device.path},
              {"type", device.type},
              {"major", device.major},
              {"minor", device.minor}};
  put(out, "fileMode", device.file_mode);
  put(out, "uid", device.uid);
  put(out, "gid", device.gid);
  return out;
}

Node device_rule_node(const SpecDeviceRule& rule) {
  Node out = {{"allow", rule.allow}};
  put(out, "type", rule.type);
  put(out, "major", rule.major);
  put(out, "minor", rule.minor);
  put(out, "access", rule.access);
  return out;
}

Node memory_node(const SpecMemory& memory) {
  Node out = Node::object();
  put(out, "limit", memory.limit);
  put(out, "reservation", memory.reservation);
  put(out, "swap", memory.swap);
  put(out, "kernel", memory.kernel);
  put(out, "kernelTCP", memory.kernel_tcp);
  put(out, "swappiness", memory.swappiness);
  put(out, "disableOOMKiller", memory.disable_oom_killer);
  return out;
}

Node cpu_node(const SpecCpu& cpu) {
  Node out = Node::object();
  put(out, "shares", cpu.shares);
  put(out, "quota", cpu.quota);
  put(out, "period", cpu.period);
  put(out, "realtimeRuntime", cpu.realtime_runtime);
  put(out, "realtimePeriod", cpu.realtime_period);
  put(out, "cpus", cpu.cpus);
  put(out, "mems", cpu.mems);
  return out;
}

Node rate_node(const SpecBlockRate& rate) {
  return {{"major", rate.major}, {"minor", rate.minor}, {"rate", rate.value}};
}

Node weight_node(const SpecBlockRate& weight) {
  return {{"major", weight.major}, {"minor", weight.minor}, {"weight", weight.value}};
}

Node block_io_node(const SpecBlockIo& io) {
  Node out = Node::object();
  put(out, "weight", io.weight);
  put_each(out, "weightDevice", io.weight_device, &weight_node);
  put_each(out, "throttleReadBpsDevice", io.read_bps, &rate_node);
  put_each(out, "throttleWriteBpsDevice", io.write_bps, &rate_node);
  put_each(out, "throttleReadIOPSDevice", io.read_iops, &rate_node);
  put_each(out, "throttleWriteIOPSDevice", io.write_iops, &rate_node);
  return out;
}

Node resources_node(const SpecResources& resources) {
  Node out = Node::object();
  put_each(out, "devices", resources.devices, &device_rule_node);
  if (resources.memory) out["memory"] = memory_node(*resources.memory);
  if (resources.cpu) out["cpu"] = cpu_node(*resources.cpu);
  if (resources.pids_limit) out["pids"] = {{"limit", *resources.pids_limit}};
  if (resources.block_io) out["blockIO"] = block_io_node(*resources.block_io);
  return out;
}

Node syscall_arg_node(const SpecSyscallArg& arg) {
  Node out = {{"index", arg.index}, {"value", arg.value}};
  if (arg.value_two != 0) out["valueTwo"] = arg.value_two;
  out["op"] = arg.op;
  return out;
}

Node syscall_node(const SpecSyscall& syscall) {
  Node out = {{"names", syscall.names}, {"action", syscall.action}};
  put(out, "errnoRet", syscall.errno_ret);
  put_each(out, "args", syscall.args, &syscall_arg_node);
  return out;
}

Node seccomp_node(const SpecSeccomp& seccomp) {
  Node out = {{"defaultAction", seccomp.default_action}};
  put(out, "defaultErrnoRet", seccomp.default_errno_ret);
  put(out, "architectures", seccomp.architectures);
  put(out, "flags", seccomp.flags);
  put_each(out, "syscalls", seccomp.syscalls, &syscall_node);
  return out;
}

Node linux_node(const OciSpec& spec) {
  Node out = Node::object();
  put_each(out, "uidMappings", spec.uid_mappings, &mapping_node);
  put_each(out, "gidMappings", spec.gid_mappings, &mapping_node);
  put(out, "sysctl", spec.sysctl);
  out["resources"] = resources_node(spec.resources);
  put(out, "cgroupsPath", spec.cgroups_path);
  put_each(out, "namespaces", spec.namespaces, &namespace_node);
  put_each(out, "devices", spec.devices, &device_node);
  if (spec.seccomp) out["seccomp"] = seccomp_node(*spec.seccomp);
  put(out, "rootfsPropagation", spec.rootfs_propagation);
  put(out, "maskedPaths", spec.masked_paths);
  put(out, "readonlyPaths", spec.readonly_paths);
  put(out, "mountLabel", spec.mount_label);
  return out;
}

}  // namespace

std::string OciSpec::text() const {
  Node out = {{"ociVersion", version}};
  out["process"] = process_node(process);
  out["root"] = {{"path", root_path}};
  put(out["root"], "readonly", root_readonly);
  put(out, "hostname", hostname);
  put_each(out, "mounts", mounts, &mount_node);
  for (const auto& [kind, list] : hooks) put_each(out["hooks"], kind, list, &hook_node);
  put(out, "annotations", annotations);
  out["linux"] = linux_node(*this);
  return out.dump(-1, ' ', false, Node::error_handler_t::replace);
}

}  // namespace meridian::model
