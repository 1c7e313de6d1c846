// SPDX-License-Identifier: Apache-2.0
#include "report/object_json.hpp"

#include <nlohmann/json.hpp>

#include "base/json_bounds.hpp"
#include "report/entry_json.hpp"
#include "report/json_bytes.hpp"

namespace meridian::report {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const std::string& bytes) { return json_text(bytes); }

Json texts(const std::vector<std::string>& items) {
  Json array = Json::array();
  for (const std::string& item : items) array.push_back(text(item));
  return array;
}

/// An engine's own text; null: there is none, or it is no JSON, which is a gap by then.
Json record(const std::string& json) {
  if (json.empty() || !base::check_json_bounds(json)) return nullptr;
  Json value = Json::parse(json, nullptr, false);
  return value.is_discarded() ? Json() : value;
}

template <typename Value>
Json optional(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json run_object(const model::RunState& run) {
  return {{"liveness", model::to_text(run.liveness)},
          {"pid", run.pid},
          {"start_time", optional(run.start_time)},
          {"exit_code", run.exit_code},
          {"oom_killed", run.oom_killed},
          {"restart_count", run.restart_count},
          {"started", text(run.started)},
          {"finished", text(run.finished)},
          {"error", text(run.error)},
          {"health", text(run.health)}};
}

Json mount_object(const model::Mount& mount) {
  return {{"type", text(mount.type)},
          {"name", text(mount.name)},
          {"driver", text(mount.driver)},
          {"source", text(mount.source)},
          {"destination", text(mount.destination)},
          {"mode", text(mount.mode)},
          {"writable", mount.writable},
          {"propagation", text(mount.propagation)}};
}

Json namespaces_array(const model::Privileges& of) {
  Json array = Json::array();
  for (const model::NamespacePrivilege& one : of.namespaces) {
    array.push_back({{"type", text(one.type)},
                     {"sharing", model::to_text(one.sharing)},
                     {"path", text(one.path)},
                     {"container", text(one.container)}});
  }
  return array;
}

Json devices_array(const model::Privileges& of) {
  Json array = Json::array();
  for (const model::SpecDevice& device : of.devices) {
    array.push_back({{"path", text(device.path)},
                     {"type", text(device.type)},
                     {"major", device.major},
                     {"minor", device.minor}});
  }
  return array;
}

Json rules_array(const model::Privileges& of) {
  Json array = Json::array();
  for (const model::SpecDeviceRule& rule : of.device_rules) {
    array.push_back({{"allow", rule.allow},
                     {"type", rule.type.empty() ? "a" : text(rule.type)},
                     {"major", rule.major.value_or(-1)},
                     {"minor", rule.minor.value_or(-1)},
                     {"access", text(rule.access)}});
  }
  return array;
}

Json mappings_array(const std::vector<model::SpecIdMapping>& mappings) {
  Json array = Json::array();
  for (const model::SpecIdMapping& mapping : mappings) {
    array.push_back({{"container_id", mapping.container_id},
                     {"host_id", mapping.host_id},
                     {"size", mapping.size}});
  }
  return array;
}

Json privilege_mounts(const model::Privileges& of) {
  Json array = Json::array();
  for (const model::MountPrivilege& one : of.mounts) {
    array.push_back({{"destination", text(one.mount.destination)},
                     {"type", text(one.mount.type)},
                     {"source", text(one.mount.source)},
                     {"options", texts(one.mount.options)},
                     {"of_host", one.of_host},
                     {"read_only", one.read_only},
                     {"propagation", text(one.propagation)}});
  }
  return array;
}

Json capabilities_object(const model::SpecCapabilities& of) {
  return {{"effective", texts(of.effective)},
          {"permitted", texts(of.permitted)},
          {"inheritable", texts(of.inheritable)},
          {"bounding", texts(of.bounding)},
          {"ambient", texts(of.ambient)}};
}

Json privileges_object(const model::Privileges& of) {
  Json capabilities = capabilities_object(of.capabilities);
  capabilities["added"] = texts(of.added);
  capabilities["dropped"] = texts(of.dropped);
  capabilities["all"] = of.all_capabilities;
  return {{"privileged", of.privileged},
          {"capabilities", std::move(capabilities)},
          {"namespaces", namespaces_array(of)},
          {"seccomp", model::to_text(of.seccomp)},
          {"seccomp_default_action", text(of.seccomp_default_action)},
          {"apparmor_profile", text(of.apparmor_profile)},
          {"selinux_label", text(of.selinux_label)},
          {"no_new_privileges", of.no_new_privileges},
          {"devices", devices_array(of)},
          {"device_rules", rules_array(of)},
          {"all_devices", of.all_devices},
          {"uid", of.uid},
          {"gid", of.gid},
          {"additional_gids", of.additional_gids},
          {"host_uid", optional(of.host_uid)},
          {"uid_mappings", mappings_array(of.uid_mappings)},
          {"gid_mappings", mappings_array(of.gid_mappings)},
          {"read_only_root", of.read_only_root},
          {"mounts", privilege_mounts(of)},
          {"masked_paths", texts(of.masked_paths)},
          {"readonly_paths", texts(of.readonly_paths)},
          {"runtime_handler", text(of.runtime_handler)}};
}

Json open_files_array(const model::Process& of) {
  if (!of.open_files) return nullptr;
  Json array = Json::array();
  for (const model::OpenFile& file : *of.open_files) {
    array.push_back({{"descriptor", file.descriptor},
                     {"target", text(file.target)},
                     {"deleted", file.deleted}});
  }
  return array;
}

Json listening_array(const model::Process& of) {
  if (!of.listening) return nullptr;
  Json array = Json::array();
  for (const model::ListeningSocket& socket : *of.listening) {
    array.push_back(
        {{"protocol", socket.protocol}, {"address", text(socket.address)}, {"port", socket.port}});
  }
  return array;
}

Json process_object(const model::Process& of) {
  Json namespaces = Json::array();
  for (const model::ProcessNamespace& one : of.namespaces) {
    namespaces.push_back(
        {{"type", one.type}, {"inode", one.inode}, {"of_host", optional(one.of_host)}});
  }
  return {{"pid", of.pid},
          {"inside_pid", of.inside_pid == 0 ? Json() : Json(of.inside_pid)},
          {"parent", of.parent},
          {"start_time", of.start_time},
          {"name", text(of.name)},
          {"arguments", texts(of.arguments)},
          {"executable", text(of.executable)},
          {"executable_deleted", of.executable_deleted},
          {"uid", of.uid},
          {"gid", of.gid},
          {"capabilities", capabilities_object(of.capabilities)},
          {"namespaces", std::move(namespaces)},
          {"open_files", open_files_array(of)},
          {"listening", listening_array(of)}};
}

Json processes_array(const model::ProcessList& list) {
  if (!list.seen) return nullptr;
  Json array = Json::array();
  for (const model::Process& process : list.processes) array.push_back(process_object(process));
  return array;
}

void add_image(const model::Image& image, Json& out) {
  out["created"] = text(image.config.created);
  const bool is_known = !image.config.platform.architecture.empty();
  out["platform"] = text(is_known ? image.config.platform.text() : "");
  out["size"] = image.size;
  out["parent"] = text(image.parent);
  out["last_tagged"] = text(image.last_tagged);
  out["config"] = record(image.config.raw);
  Json history = Json::array();
  for (const model::HistoryStep& step : image.config.history) {
    history.push_back({{"created", text(step.created)},
                       {"created_by", text(step.created_by)},
                       {"comment", text(step.comment)},
                       {"layer", optional(step.layer)}});
  }
  out["history"] = std::move(history);
}

void add_container(const model::Container& container, Json& out) {
  out["created"] = text(container.created);
  out["image_name"] = text(container.image_name);
  out["image_manifest"] =
      container.image_manifest ? Json(container.image_manifest->text()) : Json();
  out["run"] = run_object(container.run);
  out["config"] = record(container.config.raw);
  out["labels"] = Json::object();
  for (const auto& [key, value] : container.config.labels) out["labels"][text(key)] = text(value);
  out["host_config"] = record(container.host_config_json);
  Json mounts = Json::array();
  for (const model::Mount& mount : container.mounts) mounts.push_back(mount_object(mount));
  out["mounts"] = std::move(mounts);
  out["engine_files"] = Json::object();
  for (const auto& [destination, path] : container.engine_files) {
    out["engine_files"][text(destination)] = text(path);
  }
  out["privileges"] = container.privileges ? privileges_object(*container.privileges) : Json();
  out["spec_origin"] = model::to_text(container.spec_origin);
  out["spec"] = record(container.spec_json);
}

}  // namespace

std::string object_json(const ShownObject& object) {
  Json out;
  out["target"] = Json::parse(entry_json(object.target, Layout::kOneLine), nullptr, false);
  if (object.image != nullptr) add_image(*object.image, out);
  if (object.container != nullptr) {
    add_container(*object.container, out);
    out["processes"] = processes_array(object.processes);
  }
  return out.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace meridian::report
