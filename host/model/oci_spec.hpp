// SPDX-License-Identifier: Apache-2.0
//
// oci_spec.hpp: an OCI runtime spec (config.json of a bundle) as values: what a container's first
// process is given. (OCI runtime-spec 1.0, config.md and config-linux.md.)
//
// What engines write into it is here; members that none of them writes are left out. Absent numbers
// are empty optionals, because 0 is a value there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::model {

struct SpecUser {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> additional_gids;
  bool operator==(const SpecUser&) const = default;
};

/// Names as written: "CAP_SYS_ADMIN".
struct SpecCapabilities {
  std::vector<std::string> bounding, effective, inheritable, permitted, ambient;
  bool operator==(const SpecCapabilities&) const = default;
};

struct SpecRlimit {
  std::string type;  // "RLIMIT_NOFILE"
  std::uint64_t hard = 0;
  std::uint64_t soft = 0;
  bool operator==(const SpecRlimit&) const = default;
};

struct SpecProcess {
  bool terminal = false;
  SpecUser user;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  SpecCapabilities capabilities;
  std::vector<SpecRlimit> rlimits;
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::optional<std::int64_t> oom_score_adj;
  std::string selinux_label;
  bool operator==(const SpecProcess&) const = default;
};

struct SpecMount {
  std::string destination;
  std::string type;
  std::string source;
  std::vector<std::string> options;
  bool has_option(std::string_view option) const;
  bool operator==(const SpecMount&) const = default;
};

struct SpecHook {
  std::string path;
  std::vector<std::string> args;
  bool operator==(const SpecHook&) const = default;
};

/// No path: a new one. A type that is not listed: the runtime's own, so the host's.
struct SpecNamespace {
  std::string type;  // pid, network, mount, ipc, uts, user, cgroup, time
  std::string path;
  bool operator==(const SpecNamespace&) const = default;
};

struct SpecIdMapping {
  std::uint32_t container_id = 0;
  std::uint32_t host_id = 0;
  std::uint64_t size = 0;
  bool operator==(const SpecIdMapping&) const = default;
};

struct SpecDevice {
  std::string path;
  std::string type;  // c, b, u, p
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::optional<std::uint32_t> file_mode, uid, gid;
  bool operator==(const SpecDevice&) const = default;
};

struct SpecDeviceRule {
  bool allow = false;
  std::string type;                          // c, b, a; empty: a
  std::optional<std::int64_t> major, minor;  // absent or -1: any
  std::string access;                        // of r, w, m
  bool operator==(const SpecDeviceRule&) const = default;
};

struct SpecMemory {
  std::optional<std::int64_t> limit, reservation, swap, kernel, kernel_tcp;  // bytes
  std::optional<std::uint64_t> swappiness;
  std::optional<bool> disable_oom_killer;
  bool operator==(const SpecMemory&) const = default;
};

struct SpecCpu {
  std::optional<std::uint64_t> shares;
  std::optional<std::int64_t> quota;
  std::optional<std::uint64_t> period;
  std::optional<std::int64_t> realtime_runtime;
  std::optional<std::uint64_t> realtime_period;
  std::string cpus, mems;
  bool operator==(const SpecCpu&) const = default;
};

/// A limit or weight of one block device.
struct SpecBlockRate {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::uint64_t value = 0;
  bool operator==(const SpecBlockRate&) const = default;
};

struct SpecBlockIo {
  std::optional<std::uint64_t> weight;
  std::vector<SpecBlockRate> weight_device;
  std::vector<SpecBlockRate> read_bps, write_bps, read_iops, write_iops;
  bool operator==(const SpecBlockIo&) const = default;
};

struct SpecResources {
  std::vector<SpecDeviceRule> devices;
  std::optional<SpecMemory> memory;
  std::optional<SpecCpu> cpu;
  std::optional<std::int64_t> pids_limit;
  std::optional<SpecBlockIo> block_io;
  bool operator==(const SpecResources&) const = default;
};

struct SpecSyscallArg {
  std::uint64_t index = 0;
  std::uint64_t value = 0;
  std::uint64_t value_two = 0;
  std::string op;
  bool operator==(const SpecSyscallArg&) const = default;
};

struct SpecSyscall {
  std::vector<std::string> names;
  std::string action;
  std::optional<std::uint64_t> errno_ret;
  std::vector<SpecSyscallArg> args;
  bool operator==(const SpecSyscall&) const = default;
};

struct SpecSeccomp {
  std::string default_action;
  std::optional<std::uint64_t> default_errno_ret;
  std::vector<std::string> architectures;
  std::vector<std::string> flags;
  std::vector<SpecSyscall> syscalls;
  bool operator==(const SpecSeccomp&) const = default;
};

struct OciSpec {
  std::string version;
  SpecProcess process;
  std::string root_path;
  bool root_readonly = false;
  std::string hostname;
  std::vector<SpecMount> mounts;                       // in the order in which they are made
  std::map<std::string, std::vector<SpecHook>> hooks;  // "prestart", ... -> in order
  std::map<std::string, std::string> annotations;

  // linux
  std::vector<SpecIdMapping> uid_mappings, gid_mappings;
  std::map<std::string, std::string> sysctl;
  SpecResources resources;
  std::string cgroups_path;
  std::vector<SpecNamespace> namespaces;
  std::vector<SpecDevice> devices;
  std::optional<SpecSeccomp> seccomp;
  std::string rootfs_propagation;
  std::vector<std::string> masked_paths, readonly_paths;
  std::string mount_label;

  /// kCorrupt with the member: not JSON, a wrong type, a number out of range; kLimit as Json.
  /// Unknown members are skipped, missing ones empty.
  static Result<OciSpec> parse(std::string_view json);
  /// As JSON text; parse() of it is this value. Text that is not UTF-8 is replaced.
  std::string text() const;
  const SpecNamespace* find_namespace(std::string_view type) const;

  bool operator==(const OciSpec&) const = default;
};

}  // namespace meridian::model
