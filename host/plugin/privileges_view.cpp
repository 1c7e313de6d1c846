// SPDX-License-Identifier: Apache-2.0
#include "plugin/privileges_view.hpp"

#include "meridian/text.hpp"

namespace meridian::plugin {
namespace {

meridian_sharing sharing_of(model::Sharing sharing) {
  switch (sharing) {
    case model::Sharing::kPrivate:
      return MERIDIAN_SHARING_PRIVATE;
    case model::Sharing::kHost:
      return MERIDIAN_SHARING_HOST;
    case model::Sharing::kJoined:
      return MERIDIAN_SHARING_JOINED;
  }
  return MERIDIAN_SHARING_HOST;
}

meridian_seccomp seccomp_of(model::SeccompMode mode) {
  switch (mode) {
    case model::SeccompMode::kNone:
      return MERIDIAN_SECCOMP_NONE;
    case model::SeccompMode::kAllowsAll:
      return MERIDIAN_SECCOMP_ALLOWS_ALL;
    case model::SeccompMode::kFilter:
      return MERIDIAN_SECCOMP_FILTER;
  }
  return MERIDIAN_SECCOMP_NONE;
}

std::uint32_t flags_of(const model::Privileges& of) {
  return (of.privileged ? MERIDIAN_PRIVILEGED : 0U) |
         (of.all_capabilities ? MERIDIAN_ALL_CAPABILITIES : 0U) |
         (of.all_devices ? MERIDIAN_ALL_DEVICES : 0U) |
         (of.no_new_privileges ? MERIDIAN_NO_NEW_PRIVILEGES : 0U) |
         (of.read_only_root ? MERIDIAN_READ_ONLY_ROOT : 0U);
}

}  // namespace

PrivilegesView::PrivilegesView(const model::Privileges& privileges) {
  record_.struct_size = sizeof record_;
  record_.flags = flags_of(privileges);
  fill_capabilities(privileges);
  fill_namespaces(privileges);
  fill_devices(privileges);
  fill_user(privileges);
  fill_mounts(privileges);
  record_.seccomp = seccomp_of(privileges.seccomp);
  record_.seccomp_default_action = lend(privileges.seccomp_default_action);
  record_.apparmor_profile = lend(privileges.apparmor_profile);
  record_.selinux_label = lend(privileges.selinux_label);
  record_.runtime_handler = lend(privileges.runtime_handler);
}

void PrivilegesView::fill_capabilities(const model::Privileges& of) {
  record_.effective = keep(of.capabilities.effective);
  record_.permitted = keep(of.capabilities.permitted);
  record_.inheritable = keep(of.capabilities.inheritable);
  record_.bounding = keep(of.capabilities.bounding);
  record_.ambient = keep(of.capabilities.ambient);
  record_.added = keep(of.added);
  record_.dropped = keep(of.dropped);
}

void PrivilegesView::fill_namespaces(const model::Privileges& of) {
  for (const model::NamespacePrivilege& one : of.namespaces) {
    meridian_namespace record{};
    record.sharing = sharing_of(one.sharing);
    record.type = lend(one.type);
    record.path = lend(one.path);
    record.container = lend(one.container);
    namespaces_.add(record);
  }
  record_.namespaces = namespaces_.pointers.data();
  record_.namespace_count = namespaces_.pointers.size();
}

void PrivilegesView::fill_devices(const model::Privileges& of) {
  for (const model::SpecDevice& device : of.devices) {
    meridian_device record{};
    record.path = lend(device.path);
    record.type = lend(device.type);
    record.major = device.major;
    record.minor = device.minor;
    devices_.add(record);
  }
  record_.devices = devices_.pointers.data();
  record_.device_count = devices_.pointers.size();
  for (const model::SpecDeviceRule& rule : of.device_rules) {
    meridian_device_rule record{};
    record.allow = rule.allow ? 1 : 0;
    record.type = lend(rule.type.empty() ? std::string_view("a") : std::string_view(rule.type));
    record.major = rule.major.value_or(-1);
    record.minor = rule.minor.value_or(-1);
    record.access = lend(rule.access);
    device_rules_.add(record);
  }
  record_.device_rules = device_rules_.pointers.data();
  record_.device_rule_count = device_rules_.pointers.size();
}

void PrivilegesView::fill_user(const model::Privileges& of) {
  record_.uid = of.uid;
  record_.gid = of.gid;
  record_.host_uid = of.host_uid ? static_cast<std::int64_t>(*of.host_uid) : -1;
  record_.additional_gids = of.additional_gids.data();
  record_.additional_gid_count = of.additional_gids.size();
  const auto fill = [](const std::vector<model::SpecIdMapping>& from,
                       RecordList<meridian_id_mapping>& to) {
    for (const model::SpecIdMapping& mapping : from) {
      meridian_id_mapping record{};
      record.container_id = mapping.container_id;
      record.host_id = mapping.host_id;
      record.size = mapping.size;
      to.add(record);
    }
  };
  fill(of.uid_mappings, uid_mappings_);
  fill(of.gid_mappings, gid_mappings_);
  record_.uid_mappings = uid_mappings_.pointers.data();
  record_.uid_mapping_count = uid_mappings_.pointers.size();
  record_.gid_mappings = gid_mappings_.pointers.data();
  record_.gid_mapping_count = gid_mappings_.pointers.size();
}

void PrivilegesView::fill_mounts(const model::Privileges& of) {
  for (const model::MountPrivilege& one : of.mounts) {
    meridian_mount record{};
    record.read_only = one.read_only ? 1 : 0;
    record.of_host = one.of_host ? 1 : 0;
    record.destination = lend(one.mount.destination);
    record.source = lend(one.mount.source);
    record.type = lend(one.mount.type);
    record.propagation = lend(one.propagation);
    record.options = keep(one.mount.options);
    mounts_.add(record);
  }
  record_.mounts = mounts_.pointers.data();
  record_.mount_count = mounts_.pointers.size();
  record_.masked_paths = keep(of.masked_paths);
  record_.readonly_paths = keep(of.readonly_paths);
}

}  // namespace meridian::plugin
