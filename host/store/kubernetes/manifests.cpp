// SPDX-License-Identifier: Apache-2.0
#include "store/kubernetes/manifests.hpp"

#include <array>
#include <utility>

#include "model/json.hpp"
#include "store/kubernetes/yaml.hpp"

namespace meridian::store::kubernetes {
namespace {

using model::Json;

/// What a volume's source calls the thing that it names.
struct SourceKey {
  const char *type, *key;
};
constexpr std::array kSourceKeys = {
    SourceKey{"hostPath", "path"},  SourceKey{"secret", "secretName"},
    SourceKey{"configMap", "name"}, SourceKey{"persistentVolumeClaim", "claimName"},
    SourceKey{"csi", "driver"},     SourceKey{"nfs", "server"},
    SourceKey{"image", "reference"}};

/// {"name": N, TYPE: {...}}: the one member that is no name says what it is.
Result<model::PodVolume> parse_volume(const Json& json) {
  model::PodVolume volume;
  MERIDIAN_TRY(volume.name, json.text("name"));
  MERIDIAN_TRY(const auto members, json.members());
  for (const auto& [key, value] : members) {
    if (key == "name" || value.is_null()) continue;
    volume.type = key;
    for (const SourceKey& one : kSourceKeys) {
      if (key != one.type) continue;
      MERIDIAN_TRY(volume.source, value.text(one.key));
    }
    break;
  }
  return volume;
}

Result<void> add_containers(const Json& spec, const char* key, model::KubernetesPod& pod) {
  MERIDIAN_TRY(const auto list, spec.list(key));
  for (const Json& one : list) {
    model::PodContainer container;
    MERIDIAN_TRY(container.name, one.text("name"));
    MERIDIAN_TRY(container.image, one.text("image"));
    pod.containers.push_back(std::move(container));
  }
  return {};
}

Result<ManifestPod> parse_pod(const Json& json) {
  ManifestPod out;
  model::KubernetesPod& pod = out.pod;
  MERIDIAN_TRY(const Json metadata, json.object("metadata"));
  MERIDIAN_TRY(pod.name, metadata.text("name"));
  MERIDIAN_TRY(pod.name_space, metadata.text("namespace"));
  MERIDIAN_TRY(pod.uid, metadata.text("uid"));
  if (pod.name_space.empty()) pod.name_space = "default";
  MERIDIAN_TRY(const Json spec, json.object("spec"));
  MERIDIAN_TRY(out.runtime_class, spec.text("runtimeClassName"));
  MERIDIAN_TRY(pod.service_account, spec.text("serviceAccountName"));
  MERIDIAN_TRY(pod.host_network, spec.flag("hostNetwork"));
  MERIDIAN_TRY(pod.host_pid, spec.flag("hostPID"));
  MERIDIAN_TRY(pod.host_ipc, spec.flag("hostIPC"));
  MERIDIAN_CHECK(add_containers(spec, "initContainers", pod));
  MERIDIAN_CHECK(add_containers(spec, "containers", pod));
  MERIDIAN_TRY(const auto volumes, spec.list("volumes"));
  for (const Json& one : volumes) {
    MERIDIAN_TRY(auto volume, parse_volume(one));
    pod.volumes.push_back(std::move(volume));
  }
  return out;
}

// A list in a list is not looked into. NOLINTNEXTLINE(misc-no-recursion)
Result<void> add_object(const Json& json, bool in_list, Manifests& out) {
  if (!json.is_object()) return Error(ErrorCode::kCorrupt, "is no object");
  MERIDIAN_TRY(const std::string kind, json.text("kind"));
  if (kind == "Pod") {
    MERIDIAN_TRY(auto pod, parse_pod(json));
    out.pods.push_back(std::move(pod));
  } else if (kind == "RuntimeClass") {
    model::RuntimeClass one;
    MERIDIAN_TRY(const Json metadata, json.object("metadata"));
    MERIDIAN_TRY(one.name, metadata.text("name"));
    MERIDIAN_TRY(one.handler, json.text("handler"));
    if (one.name.empty() || one.handler.empty()) {
      return Error(ErrorCode::kCorrupt, "RuntimeClass: has no name or no handler");
    }
    out.runtime_classes.push_back(std::move(one));
  } else if (kind.size() >= 4 && kind.compare(kind.size() - 4, 4, "List") == 0 && !in_list) {
    MERIDIAN_TRY(const auto items, json.list("items"));
    for (const Json& item : items) MERIDIAN_CHECK(add_object(item, true, out));
  }
  return {};
}

}  // namespace

Result<Manifests> parse_manifests(std::string_view text) {
  MERIDIAN_TRY(const auto documents, yaml_documents(text));
  Manifests out;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto json = Json::parse(documents[i]);
    auto added = json ? add_object(*json, false, out) : Result<void>(std::move(json).error());
    if (!added) return std::move(added).error().in("document " + std::to_string(i + 1));
  }
  return out;
}

}  // namespace meridian::store::kubernetes
