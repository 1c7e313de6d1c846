// SPDX-License-Identifier: Apache-2.0
//
// snapshot_values.hpp: how a target and the values of model/ travel (wire.hpp) in snapshots.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "lane/snapshot.hpp"
#include "lane/wire_values.hpp"
#include "model/content_check.hpp"
#include "model/image_config.hpp"
#include "model/kernel_boundary.hpp"
#include "model/privileges.hpp"
#include "model/process.hpp"

namespace meridian::lane {

template <>
inline constexpr auto kLargest<model::Sharing> = model::Sharing::kJoined;
template <>
inline constexpr auto kLargest<model::SeccompMode> = model::SeccompMode::kFilter;

template <>
inline constexpr auto kLargest<model::Boundary> = model::Boundary::kMicroVm;
template <>
inline constexpr auto kLargest<model::HandlerState> = model::HandlerState::kNotConfigured;

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::RuntimeSetting>& value) {
  archive(value.name, value.value, value.source);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::KernelBoundary>& value) {
  archive(value.kind, value.runtime, value.evidence, value.handler, value.state, value.is_default,
          value.program, value.binary, value.settings);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::Platform>& value) {
  archive(value.os, value.architecture, value.variant);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::HistoryStep>& value) {
  archive(value.created, value.created_by, value.comment, value.empty_layer, value.layer);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::ImageConfig>& value) {
  archive(value.platform, value.created, value.env, value.entrypoint, value.cmd, value.user,
          value.working_dir, value.labels, value.exposed_ports, value.diff_ids, value.history,
          value.raw);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::SpecCapabilities>& value) {
  archive(value.bounding, value.effective, value.inheritable, value.permitted, value.ambient);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::SpecDevice>& value) {
  archive(value.path, value.type, value.major, value.minor, value.file_mode, value.uid, value.gid);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::SpecDeviceRule>& value) {
  archive(value.allow, value.type, value.major, value.minor, value.access);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::SpecIdMapping>& value) {
  archive(value.container_id, value.host_id, value.size);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::SpecMount>& value) {
  archive(value.destination, value.type, value.source, value.options);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::MountPrivilege>& value) {
  archive(value.mount, value.read_only, value.propagation, value.of_host);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::NamespacePrivilege>& value) {
  archive(value.type, value.sharing, value.path, value.container);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::Privileges>& value) {
  archive(value.capabilities, value.added, value.dropped, value.namespaces,
          value.seccomp_default_action, value.apparmor_profile, value.selinux_label, value.devices,
          value.device_rules, value.additional_gids, value.uid_mappings, value.gid_mappings,
          value.host_uid, value.mounts, value.masked_paths, value.readonly_paths,
          value.runtime_handler, value.uid, value.gid, value.seccomp, value.no_new_privileges,
          value.read_only_root, value.all_capabilities, value.all_devices, value.privileged);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::ProcessNamespace>& value) {
  archive(value.type, value.inode, value.of_host);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::OpenFile>& value) {
  archive(value.descriptor, value.target, value.deleted);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::ListeningSocket>& value) {
  archive(value.protocol, value.address, value.port);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::Process>& value) {
  archive(value.pid, value.inside_pid, value.parent, value.start_time, value.name, value.arguments,
          value.executable, value.executable_deleted, value.uid, value.gid, value.capabilities,
          value.namespaces, value.open_files, value.listening);
}

template <>
struct Checked<model::ProcessGap> {
  using Form = std::pair<Checked<Error>::Form, std::pair<std::string, std::string>>;
  static Form form(const model::ProcessGap& gap) {
    return {Checked<Error>::form(gap.error), {gap.path, gap.mend}};
  }
  static std::optional<model::ProcessGap> make(const Form& form) {
    return model::ProcessGap{Error(form.first.first, form.first.second), form.second.first,
                             form.second.second};
  }
};

template <>
inline constexpr auto kLargest<model::ContentState> = model::ContentState::kUnknown;

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::ContentDifference>& value) {
  archive(value.path, value.what);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::ContentCheck>& value) {
  archive(value.state, value.expected, value.computed, value.reason, value.differences,
          value.difference_count);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::ProcessList>& value) {
  archive(value.seen, value.processes, value.gaps);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, TargetModel>& value) {
  archive(value.kind, value.id, value.names, value.state, value.image_id, value.config,
          value.image_env, value.image_labels, value.layers, value.spec_json, value.spec_origin,
          value.privileges, value.created, value.platform, value.image_name, value.isolation,
          value.handlers, value.has_processes, value.has_content);
}

}  // namespace meridian::lane
