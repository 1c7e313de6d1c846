// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/engine_records.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_bounds.hpp"
#include "model/json.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::ContainerState;
using model::Json;

/// By podman's number of a state; the last of them is "stopping".
constexpr std::array kPodmanStates = {
    ContainerState::kUnknown, ContainerState::kCreated,  // configured
    ContainerState::kCreated, ContainerState::kRunning, ContainerState::kExited,
    ContainerState::kPaused,  ContainerState::kExited,  ContainerState::kRemoving,
    ContainerState::kRunning};

/// Its words for a container whose namespace it shares, and the runtime spec's.
constexpr std::array kNamespaces = {
    std::pair("pidNsCtr", "pid"),      std::pair("netNsCtr", "network"),
    std::pair("ipcNsCtr", "ipc"),      std::pair("utsNsCtr", "uts"),
    std::pair("mountNsCtr", "mount"),  std::pair("userNsCtr", "user"),
    std::pair("cgroupNsCtr", "cgroup")};

/// Takes the spec out of podman's configuration: it is parsed again by who knows its form.
void split_spec(std::string_view config, EngineRecord& out) {
  if (!base::check_json_bounds(config)) return;
  auto root = nlohmann::json::parse(config, nullptr, false);
  if (!root.is_object()) return;
  const auto dumped = [](const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  const auto spec = root.find("spec");
  if (spec != root.end()) {
    if (spec->is_object()) out.spec_json = dumped(*spec);
    root.erase(spec);
  }
  out.raw = dumped(root);
}

Result<void> add_volumes(const Json& root, EngineRecord& out) {
  MERIDIAN_TRY(const auto volumes, root.list("namedVolumes"));
  for (const Json& volume : volumes) {
    MERIDIAN_TRY(auto destination, volume.text("dest"));
    MERIDIAN_TRY(auto name, volume.text("volumeName"));
    out.volumes[std::move(destination)] = std::move(name);
  }
  return {};
}

/// What the image or --expose names, then what is published.
Result<void> add_ports(const Json& root, EngineRecord& out) {
  std::set<std::string> ports;
  MERIDIAN_TRY(const Json exposed, root.object("exposedPorts"));
  if (!exposed.is_null()) {
    MERIDIAN_TRY(const auto members, exposed.members());
    for (const auto& [number, protocols] : members) {
      MERIDIAN_TRY(const auto words, protocols.elements());
      for (const Json& word : words) {
        MERIDIAN_TRY(const auto protocol, word.as_text());
        ports.insert(number + "/" + protocol);
      }
    }
  }
  MERIDIAN_TRY(const auto published, root.list("newPortMappings"));
  for (const Json& one : published) {
    MERIDIAN_TRY(const auto number, one.natural("container_port"));
    MERIDIAN_TRY(const auto protocol, one.text("protocol"));
    ports.insert(std::to_string(number.value_or(0)) + "/" + protocol);
  }
  out.exposed_ports.assign(ports.begin(), ports.end());
  return {};
}

}  // namespace

Result<EngineRecord> parse_podman(std::string_view config) {
  MERIDIAN_TRY(const Json root, Json::parse(config));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  EngineRecord out;
  out.engine = "podman";
  MERIDIAN_TRY(out.name, root.text("name"));
  MERIDIAN_TRY(out.image_name, root.text("rootfsImageName"));
  MERIDIAN_TRY(out.created, root.text("createdTime"));
  MERIDIAN_TRY(out.pod_id, root.text("pod"));
  MERIDIAN_TRY(out.runtime, root.text("runtime"));
  MERIDIAN_TRY(out.rootfs, root.text("rootfs"));
  MERIDIAN_TRY(out.labels, root.text_map("labels"));
  MERIDIAN_TRY(out.user, root.text("user"));
  MERIDIAN_TRY(out.entrypoint, root.texts("entrypoint"));
  MERIDIAN_TRY(out.command, root.texts("command"));
  MERIDIAN_TRY(out.user_volumes, root.texts("userVolumes"));
  out.has_health_check = root.has("healthcheck");
  for (const auto& [key, type] : kNamespaces) {
    MERIDIAN_TRY(auto other, root.text(key));
    if (!other.empty()) out.joined[type] = std::move(other);
  }
  MERIDIAN_CHECK(add_volumes(root, out));
  MERIDIAN_CHECK(add_ports(root, out));
  split_spec(config, out);
  return out;
}

Result<void> add_podman_state(std::string_view json, EngineRecord& record) {
  MERIDIAN_TRY(const Json state, Json::parse(json));
  MERIDIAN_TRY(const auto number, state.natural("state"));
  const std::uint64_t at = number.value_or(0);
  if (at >= kPodmanStates.size()) {
    return Error(ErrorCode::kCorrupt, "state " + std::to_string(at) + " is none");
  }
  MERIDIAN_TRY(const auto pid, state.integer("pid"));
  record.process.pid = pid.value_or(0);
  MERIDIAN_TRY(const auto exit_code, state.integer("exitCode"));
  record.exit_code = exit_code.value_or(0);
  MERIDIAN_TRY(const auto restarts, state.integer("restartCount"));
  record.restart_count = restarts.value_or(0);
  MERIDIAN_TRY(record.oom_killed, state.flag("oomKilled"));
  MERIDIAN_TRY(record.started, state.text("startedTime"));
  MERIDIAN_TRY(record.finished, state.text("finishedTime"));
  MERIDIAN_TRY(record.error, state.text("error"));
  record.state = kPodmanStates[at];
  return {};
}

Result<std::string> parse_health(std::string_view json) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  return root.text("Status");
}

Result<std::optional<EngineRecord>> parse_crio(std::string_view metadata) {
  MERIDIAN_TRY(const Json root, Json::parse(metadata));
  if (!root.has("pod-id") && !root.has("pod-name")) return std::optional<EngineRecord>();
  EngineRecord out;
  out.engine = "cri-o";
  out.state = ContainerState::kCreated;  // until it is started there is no other record
  model::Pod pod;
  MERIDIAN_TRY(pod.sandbox, root.text("pod-id"));
  MERIDIAN_TRY(pod.uid, root.text("uid"));
  MERIDIAN_TRY(pod.name_space, root.text("namespace"));
  MERIDIAN_TRY(const auto is_sandbox, root.flag("pod"));
  MERIDIAN_TRY(auto own, root.text("metadata-name"));
  MERIDIAN_TRY(out.image_name, root.text("image-name"));
  // "k8s_POD_web-0_prod_UID_0" or, for a sandbox, its own name.
  if (is_sandbox) {
    pod.name = own;
    out.name = pod.name_space + "/" + pod.name;
  } else {
    MERIDIAN_TRY(const auto pod_name, root.text("pod-name"));
    std::string_view rest = pod_name;
    rest.remove_prefix(rest.substr(0, 4) == "k8s_" ? 4 : 0);
    if (rest.substr(0, 4) == "POD_") rest.remove_prefix(4);
    pod.name = rest.substr(0, rest.find('_'));
    out.name = pod.name_space + "/" + pod.name + "/" + own;
  }
  out.pod = std::move(pod);
  return std::optional<EngineRecord>(std::move(out));
}

Result<void> add_crio_state(std::string_view json, EngineRecord& record) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  MERIDIAN_TRY(const auto status, root.text("status"));
  record.state = status == "running"   ? ContainerState::kRunning
                 : status == "paused"  ? ContainerState::kPaused
                 : status == "stopped" ? ContainerState::kExited
                                       : ContainerState::kCreated;
  MERIDIAN_TRY(auto pid, root.integer("initPid"));
  if (!pid) {
    MERIDIAN_TRY(pid, root.integer("pid"));
  }
  record.process.pid = pid.value_or(0);
  // A word of /proc/PID/stat, as text.
  const auto start = root.text("initStartTime");
  if (start && !start->empty() && start->find_first_not_of("0123456789") == std::string::npos &&
      start->size() < 20) {
    record.process.start_time = std::stoull(*start);
  }
  MERIDIAN_TRY(record.started, root.text("started"));
  MERIDIAN_TRY(record.finished, root.text("finished"));
  MERIDIAN_TRY(const auto exit_code, root.integer("exitCode"));
  record.exit_code = exit_code.value_or(0);
  MERIDIAN_TRY(record.oom_killed, root.flag("oomKilled"));
  MERIDIAN_TRY(record.error, root.text("error"));
  return {};
}

Result<EngineRecord> parse_buildah(std::string_view json) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  EngineRecord out;
  out.engine = "buildah";
  out.state = ContainerState::kCreated;
  MERIDIAN_TRY(out.name, root.text("container-name"));
  MERIDIAN_TRY(out.image_name, root.text("image"));
  return out;
}

Result<std::string> parse_pod_name(std::string_view json) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  return root.text("name");
}

}  // namespace meridian::store::containers_storage
