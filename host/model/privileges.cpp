// SPDX-License-Identifier: Apache-2.0
#include "model/privileges.hpp"

#include <algorithm>
#include <array>

#include "model/capabilities.hpp"

namespace meridian::model {
namespace {

constexpr std::array<std::string_view, 7> kNamespaceTypes = {"mount", "pid",  "network", "ipc",
                                                             "uts",   "user", "cgroup"};
// Docker before 23 and other engines of that age know no capability after this one.
constexpr std::string_view kLastOfOldEngines = "CAP_AUDIT_READ";

template <typename List>
bool contains(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// dockerd joins its own network namespace, the host's, under this name; process 1's are the
/// host's.
bool is_of_host(std::string_view path) {
  constexpr std::string_view kInitProcess = "/proc/1/ns/";
  return path.substr(0, kInitProcess.size()) == kInitProcess || ends_with(path, "/netns/default");
}

std::vector<NamespacePrivilege> namespaces_of(const OciSpec& spec) {
  std::vector<NamespacePrivilege> out;
  for (const std::string_view type : kNamespaceTypes) {
    NamespacePrivilege one;
    one.type = type;
    if (const SpecNamespace* const found = spec.find_namespace(type)) {
      one.path = found->path;
      one.sharing = found->path.empty()       ? Sharing::kPrivate
                    : is_of_host(found->path) ? Sharing::kHost
                                              : Sharing::kJoined;
    }
    out.push_back(std::move(one));
  }
  return out;
}

bool allows(std::string_view action) {
  return action == "SCMP_ACT_ALLOW" || action == "SCMP_ACT_LOG";
}

SeccompMode seccomp_mode(const std::optional<SpecSeccomp>& seccomp) {
  // runc installs no filter for one without a default action.
  if (!seccomp || seccomp->default_action.empty()) return SeccompMode::kNone;
  if (!allows(seccomp->default_action)) return SeccompMode::kFilter;
  const bool refuses = std::any_of(
      seccomp->syscalls.begin(), seccomp->syscalls.end(),
      [](const SpecSyscall& rule) { return !rule.names.empty() && !allows(rule.action); });
  return refuses ? SeccompMode::kFilter : SeccompMode::kAllowsAll;
}

// As runc's devices emulator: a rule for everything starts anew.
bool allows_all_devices(const std::vector<SpecDeviceRule>& rules) {
  bool all = false;
  for (const SpecDeviceRule& rule : rules) {
    const bool any = rule.type.empty() || rule.type == "a";
    const auto is_wild = [](const std::optional<std::int64_t>& number) {
      return !number || *number < 0;
    };
    if (!any || !is_wild(rule.major) || !is_wild(rule.minor)) continue;
    const bool read_write =
        rule.access.find('r') != std::string::npos && rule.access.find('w') != std::string::npos;
    if (!rule.allow) all = false;
    if (rule.allow && read_write) all = true;
  }
  return all;
}

MountPrivilege mount_privilege(const SpecMount& mount) {
  constexpr std::array<std::string_view, 8> kPropagation = {
      "private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"};
  MountPrivilege out;
  out.mount = mount;
  out.of_host = mount.type == "bind" || mount.has_option("bind") || mount.has_option("rbind");
  for (const std::string& option : mount.options) {
    // Later options win, as for mount(8).
    if (option == "ro" || option == "rro") out.read_only = true;
    if (option == "rw") out.read_only = false;
    if (contains(kPropagation, option)) out.propagation = option;
  }
  return out;
}

std::optional<std::uint64_t> on_host(const OciSpec& spec, std::uint32_t uid) {
  const SpecNamespace* const user = spec.find_namespace("user");
  if (user == nullptr || is_of_host(user->path)) return uid;
  for (const SpecIdMapping& mapping : spec.uid_mappings) {
    if (uid < mapping.container_id || uid - mapping.container_id >= mapping.size) continue;
    return std::uint64_t{mapping.host_id} + (uid - mapping.container_id);
  }
  return std::nullopt;
}

void add_capabilities(const SpecCapabilities& sets, Privileges& out) {
  out.capabilities = {in_order(sets.bounding), in_order(sets.effective), in_order(sets.inheritable),
                      in_order(sets.permitted), in_order(sets.ambient)};
  std::vector<std::string> reachable = sets.bounding;
  reachable.insert(reachable.end(), sets.effective.begin(), sets.effective.end());
  for (std::string& name : in_order(reachable)) {
    if (!contains(default_capabilities(), name)) out.added.push_back(std::move(name));
  }
  std::vector<std::string> dropped;
  for (const std::string_view name : default_capabilities()) {
    if (!contains(sets.bounding, name)) dropped.emplace_back(name);
  }
  out.dropped = in_order(dropped);
  const auto known = all_capabilities().first(*capability_number(kLastOfOldEngines) + 1);
  out.all_capabilities = std::all_of(known.begin(), known.end(), [&sets](std::string_view name) {
    return contains(sets.bounding, name);
  });
}

}  // namespace

const char* to_text(Sharing sharing) {
  switch (sharing) {
    case Sharing::kPrivate:
      return "private";
    case Sharing::kHost:
      return "host";
    case Sharing::kJoined:
      return "joined";
  }
  return "unknown";
}

const char* to_text(SeccompMode mode) {
  switch (mode) {
    case SeccompMode::kNone:
      return "none";
    case SeccompMode::kAllowsAll:
      return "allows-all";
    case SeccompMode::kFilter:
      return "filter";
  }
  return "unknown";
}

const NamespacePrivilege* Privileges::find_namespace(std::string_view type) const {
  const auto found =
      std::find_if(namespaces.begin(), namespaces.end(),
                   [type](const NamespacePrivilege& one) { return one.type == type; });
  return found == namespaces.end() ? nullptr : &*found;
}

Privileges privileges_of(const OciSpec& spec) {
  Privileges out;
  add_capabilities(spec.process.capabilities, out);
  out.namespaces = namespaces_of(spec);
  out.seccomp = seccomp_mode(spec.seccomp);
  if (spec.seccomp) out.seccomp_default_action = spec.seccomp->default_action;
  out.apparmor_profile = spec.process.apparmor_profile;
  out.selinux_label = spec.process.selinux_label;
  out.no_new_privileges = spec.process.no_new_privileges;
  out.devices = spec.devices;
  out.device_rules = spec.resources.devices;
  out.all_devices = allows_all_devices(out.device_rules);
  out.uid = spec.process.user.uid;
  out.gid = spec.process.user.gid;
  out.additional_gids = spec.process.user.additional_gids;
  out.uid_mappings = spec.uid_mappings;
  out.gid_mappings = spec.gid_mappings;
  out.host_uid = on_host(spec, out.uid);
  out.read_only_root = spec.root_readonly;
  for (const SpecMount& mount : spec.mounts) out.mounts.push_back(mount_privilege(mount));
  out.masked_paths = spec.masked_paths;
  out.readonly_paths = spec.readonly_paths;
  out.privileged = out.all_capabilities && out.all_devices && out.seccomp != SeccompMode::kFilter &&
                   out.masked_paths.empty() && out.readonly_paths.empty();
  return out;
}

}  // namespace meridian::model
