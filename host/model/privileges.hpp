// SPDX-License-Identifier: Apache-2.0
//
// privileges.hpp: what a container may do to its host, as typed facts. One derivation from an OCI
// runtime spec serves every store; no judgement is made here.
//
// Of a synthesised spec these are the privileges that the engine would give at the next start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/oci_spec.hpp"

namespace meridian::model {

enum class Sharing {
  kPrivate,  // the container's own
  kHost,     // the host's
  kJoined,   // one that was there: another container's, a pod's
};
const char* to_text(Sharing sharing);  // "private", "host", "joined"

struct NamespacePrivilege {
  std::string type;  // mount, pid, network, ipc, uts, user, cgroup
  Sharing sharing = Sharing::kHost;
  std::string path;       // as the spec has it; may be empty
  std::string container;  // id of the container joined, where the store knows
};

enum class SeccompMode {
  kNone,       // no filter
  kAllowsAll,  // a filter whose default allows and that refuses nothing
  kFilter,
};
const char* to_text(SeccompMode mode);  // "none", "allows-all", "filter"

struct MountPrivilege {
  SpecMount mount;
  bool read_only = false;
  std::string propagation;  // "rprivate", "rslave", ...; empty: not said
  bool of_host = false;     // a bind mount: something of the host's is seen
};

struct Privileges {
  // Capability names in the order of their numbers.
  SpecCapabilities capabilities;
  std::vector<std::string> added;    // of bounding and effective, not in default_capabilities()
  std::vector<std::string> dropped;  // of default_capabilities(), not in bounding

  std::vector<NamespacePrivilege> namespaces;  // each of the seven types once, in that order

  std::string seccomp_default_action;  // "SCMP_ACT_ERRNO"; empty without a filter
  std::string apparmor_profile;        // empty: none is named; "unconfined"
  std::string selinux_label;

  std::vector<SpecDevice> devices;           // made in /dev beyond the runtime's own
  std::vector<SpecDeviceRule> device_rules;  // in order; a later one wins

  std::vector<std::uint32_t> additional_gids;
  std::vector<SpecIdMapping> uid_mappings, gid_mappings;  // empty: no user namespace of its own
  /// The first process's user on the host; nullopt: not mapped, or the mappings are not known.
  std::optional<std::uint64_t> host_uid;

  std::vector<MountPrivilege> mounts;
  std::vector<std::string> masked_paths, readonly_paths;

  /// "runc", "runsc", ...: not part of a spec, set by the store; empty: the engine's default.
  std::string runtime_handler;

  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  SeccompMode seccomp = SeccompMode::kNone;
  bool no_new_privileges = false;
  bool read_only_root = false;
  bool all_capabilities = false;  // bounding has every one up to CAP_AUDIT_READ
  bool all_devices = false;       // the rules allow reading and writing every device
  /// As `docker run --privileged`: all capabilities, all devices, no filter, no path masked.
  bool privileged = false;

  const NamespacePrivilege* find_namespace(std::string_view type) const;
};

Privileges privileges_of(const OciSpec& spec);

}  // namespace meridian::model
