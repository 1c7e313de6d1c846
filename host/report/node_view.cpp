// SPDX-License-Identifier: Apache-2.0
#include "report/node_view.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "report/columns.hpp"
#include "report/entry_json.hpp"
#include "report/json_bytes.hpp"
#include "report/json_rows.hpp"
#include "report/wording.hpp"

namespace meridian::report {

namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

Json texts(const std::vector<std::string>& list) {
  Json array = Json::array();
  for (const std::string& one : list) array.push_back(json_text(one));
  return array;
}

Json pod_json(const model::KubernetesPod& pod) {
  Json containers = Json::array();
  for (const model::PodContainer& one : pod.containers) {
    containers.push_back({{"name", json_text(one.name)},
                          {"image", json_text(one.image)},
                          {"id", json_text(one.id)},
                          {"state", one.state}});
  }
  Json volumes = Json::array();
  for (const model::PodVolume& one : pod.volumes) {
    volumes.push_back({{"name", json_text(one.name)},
                       {"type", json_text(one.type)},
                       {"source", json_text(one.source)}});
  }
  return {{"name", json_text(pod.name)},
          {"namespace", json_text(pod.name_space)},
          {"uid", json_text(pod.uid)},
          {"sources", texts(pod.sources)},
          {"handler", json_text(pod.handler)},
          {"runtime_classes", texts(pod.runtime_classes)},
          {"host_network", pod.host_network},
          {"host_pid", pod.host_pid},
          {"host_ipc", pod.host_ipc},
          {"service_account", json_text(pod.service_account)},
          {"containers", std::move(containers)},
          {"volumes", std::move(volumes)}};
}

Json node_json(const model::KubernetesNode& node, const std::vector<finding::Gap>& gaps) {
  Json out = {{"schema", "meridian.node/1"}, {"kubelets", Json::array()},
              {"pods", Json::array()},       {"runtime_classes", Json::array()},
              {"networks", Json::array()},   {"gaps", Json::array()}};
  for (const model::Kubelet& one : node.kubelets) {
    Json settings = Json::object();
    for (const auto& [key, value] : one.settings) settings[json_text(key)] = json_text(value);
    out["kubelets"].push_back({{"root", json_text(one.root)},
                               {"found_by", json_text(one.found_by)},
                               {"config", json_text(one.config)},
                               {"manifests", json_text(one.manifests)},
                               {"settings", std::move(settings)}});
  }
  for (const model::KubernetesPod& pod : node.pods) out["pods"].push_back(pod_json(pod));
  for (const model::RuntimeClass& one : node.runtime_classes) {
    out["runtime_classes"].push_back({{"name", json_text(one.name)},
                                      {"handler", json_text(one.handler)},
                                      {"file", json_text(one.file)},
                                      {"state", model::to_text(one.state)},
                                      {"kind", model::to_text(one.kind)},
                                      {"runtime", json_text(one.runtime)}});
  }
  for (const model::CniNetwork& one : node.networks) {
    out["networks"].push_back({{"name", json_text(one.name)},
                               {"file", json_text(one.file)},
                               {"plugins", texts(one.plugins)}});
  }
  for (const finding::Gap& gap : gaps) {
    out["gaps"].push_back(Json::parse(entry_json(gap, Layout::kOneLine), nullptr, false));
  }
  return out;
}

std::string joined(const std::vector<std::string>& list, const char* between) {
  std::string out;
  for (const std::string& one : list) out += (out.empty() ? "" : between) + base::escape(one);
  return out;
}

void add_pod(Rows& rows, const model::KubernetesPod& pod) {
  rows.push_back({"pod", base::escape(pod.name_space + "/" + pod.name) +
                             (pod.uid.empty() ? "" : " " + base::escape(pod.uid))});
  const auto add = [&rows](const char* name, const std::string& value) {
    if (!value.empty()) rows.push_back({std::string("  ") + name, value});
  };
  for (const std::string& source : pod.sources) add("told by", base::escape(source));
  add("handler", base::escape(pod.handler));
  add("runtime class", joined(pod.runtime_classes, ", "));
  std::string shared = pod.host_network ? "network" : "";
  if (pod.host_pid) shared += shared.empty() ? "pid" : ", pid";
  if (pod.host_ipc) shared += shared.empty() ? "ipc" : ", ipc";
  add("of the host", shared);
  add("account", base::escape(pod.service_account));
  for (const model::PodContainer& one : pod.containers) {
    std::string line = base::escape(one.name);
    for (const std::string* part : {&one.state, &one.image, &one.id}) {
      if (!part->empty()) line += " " + base::escape(*part);
    }
    add("container", line);
  }
  for (const model::PodVolume& one : pod.volumes) {
    add("volume", base::escape(one.name) + " " + base::escape(one.type) +
                      (one.source.empty() ? "" : " " + base::escape(one.source)));
  }
}

std::string standing(const model::RuntimeClass& one) {
  switch (one.state) {
    case model::HandlerState::kReady:
      return one.runtime.empty() ? model::to_text(one.kind)
                                 : base::escape(one.runtime) + ", " + model::to_text(one.kind);
    case model::HandlerState::kNoProgram:
      return "whose program is not there";
    case model::HandlerState::kNotConfigured:
      return "which no engine here has";
    case model::HandlerState::kUnknown:
      break;
  }
  return "not known here";
}

Rows node_rows(const model::KubernetesNode& node) {
  Rows rows;
  for (const model::Kubelet& one : node.kubelets) {
    rows.push_back({"kubelet", base::escape(one.root) + " (" + base::escape(one.found_by) + ")"});
    if (!one.config.empty()) rows.push_back({"  configuration", base::escape(one.config)});
    if (!one.manifests.empty()) rows.push_back({"  static pods", base::escape(one.manifests)});
    for (const auto& [key, value] : one.settings) {
      rows.push_back({"  setting", base::escape(key) + " = " + base::escape(value)});
    }
  }
  for (const model::RuntimeClass& one : node.runtime_classes) {
    rows.push_back({"runtime class", base::escape(one.name) + ": handler " +
                                         base::escape(one.handler) + ", " + standing(one) + " (" +
                                         base::escape(one.file) + ")"});
  }
  for (const model::CniNetwork& one : node.networks) {
    rows.push_back({"network", base::escape(one.name) + ": " + joined(one.plugins, ", ") + " (" +
                                   base::escape(one.file) + ")"});
  }
  for (const model::KubernetesPod& pod : node.pods) add_pod(rows, pod);
  return rows;
}

}  // namespace

std::string render_node(const model::KubernetesNode& node, const std::vector<finding::Gap>& gaps,
                        Format format, Style style) {
  if (format != Format::kTable) {
    const bool one_line = format == Format::kJsonLines;
    return node_json(node, gaps)
               .dump(one_line ? -1 : 2, ' ', true, Json::error_handler_t::replace) +
           "\n";
  }
  std::string out = columns(node_rows(node));
  finding::Report report;
  report.gaps = gaps;
  append_gaps(out, report, style);
  return out;
}

std::string render_pods(const std::vector<model::KubernetesPod>& pods, Format format, Style style) {
  if (format == Format::kTable) {
    Rows rows = {{"NAMESPACE", "NAME", "CONTAINERS", "RUNNING", "HANDLER", "RUNTIME CLASS", "UID"}};
    for (const model::KubernetesPod& pod : pods) {
      std::size_t running = 0;
      for (const model::PodContainer& one : pod.containers) running += one.state == "running";
      const std::string classes = joined(pod.runtime_classes, ",");
      rows.push_back({base::escape(pod.name_space), base::escape(pod.name),
                      std::to_string(pod.containers.size()), std::to_string(running),
                      pod.handler.empty() ? "-" : base::escape(pod.handler),
                      classes.empty() ? "-" : classes, base::escape(pod.uid)});
    }
    return columns(rows, style);
  }
  std::vector<std::string> objects;
  objects.reserve(pods.size());
  for (const model::KubernetesPod& pod : pods) {
    objects.push_back(pod_json(pod).dump(-1, ' ', true, Json::error_handler_t::replace));
  }
  return json_rows("meridian.pods/1", "pods", objects, format);
}

}  // namespace meridian::report
