// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/engine_records.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_bounds.hpp"
#include "model/json.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::ContainerState;
using model::Json;

/// By podman's number of a state; the last of them is "stopping".
constexpr std::array kPodmanStates = {
    ContainerState::kCreated, ContainerState::kCreated,  // unknown, configured
    ContainerState::kCreated, ContainerState::kRunning, ContainerState::kExited,
    ContainerState::kPaused,  ContainerState::kExited,  ContainerState::kRemoving,
    ContainerState::kRunning};

/// A member as text, whatever it is; it is parsed again by who knows its form.
std::string member_text(std::string_view json, const char* key) {
  if (!base::check_json_bounds(json)) return {};
  const auto root = nlohmann::json::parse(json, nullptr, false);
  const auto found = root.is_object() ? root.find(key) : root.end();
  if (!root.is_object() || found == root.end() || !found->is_object()) return {};
  return found->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<void> add_podman_state(std::string_view json, EngineRecord& out) {
  MERIDIAN_TRY(const Json state, Json::parse(json));
  MERIDIAN_TRY(const auto number, state.natural("state"));
  const std::uint64_t at = number.value_or(0);
  if (at >= kPodmanStates.size()) {
    return Error(ErrorCode::kCorrupt, "state " + std::to_string(at) + " is none");
  }
  out.state = kPodmanStates[at];
  MERIDIAN_TRY(const auto pid, state.integer("pid"));
  out.process.pid = pid.value_or(0);
  MERIDIAN_TRY(const auto exit_code, state.integer("exitCode"));
  out.exit_code = exit_code.value_or(0);
  MERIDIAN_TRY(out.oom_killed, state.flag("oomKilled"));
  MERIDIAN_TRY(out.started, state.text("startedTime"));
  MERIDIAN_TRY(out.finished, state.text("finishedTime"));
  MERIDIAN_TRY(out.error, state.text("error"));
  return {};
}

}  // namespace

Result<EngineRecord> parse_podman(std::string_view config, std::string_view state) {
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
  MERIDIAN_TRY(const auto volumes, root.list("namedVolumes"));
  for (const Json& volume : volumes) {
    MERIDIAN_TRY(auto destination, volume.text("dest"));
    MERIDIAN_TRY(auto name, volume.text("volumeName"));
    out.volumes[std::move(destination)] = std::move(name);
  }
  out.spec_json = member_text(config, "spec");
  if (!state.empty()) MERIDIAN_CHECK(add_podman_state(state, out));
  return out;
}

Result<std::optional<EngineRecord>> parse_crio(std::string_view metadata) {
  MERIDIAN_TRY(const Json root, Json::parse(metadata));
  if (!root.has("pod-id") && !root.has("pod-name")) return std::optional<EngineRecord>();
  EngineRecord out;
  out.engine = "cri-o";
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
  MERIDIAN_TRY(out.name, root.text("container-name"));
  MERIDIAN_TRY(out.image_name, root.text("image"));
  return out;
}

Result<std::string> parse_pod_name(std::string_view json) {
  MERIDIAN_TRY(const Json root, Json::parse(json));
  return root.text("name");
}

}  // namespace meridian::store::containers_storage
