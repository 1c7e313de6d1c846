// SPDX-License-Identifier: Apache-2.0
//
// kubernetes.hpp: what a node's own files say of Kubernetes: kubelet, pods, runtime classes,
// networks. Values, no handles. Nothing of what a volume holds is read.
//
// Names of fields are those of the API: k8s.io/api core/v1, node/v1, k8s.io/kubelet/config/v1beta1.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/kernel_boundary.hpp"

namespace meridian::model {

struct PodVolume {
  std::string name;
  std::string type;    // "secret", "configMap", "hostPath", "projected", "csi", ...
  std::string source;  // the path, secret or claim that it names; empty: not told
};

/// One container of a pod, by what names it: manifest, container engine, or both.
struct PodContainer {
  std::string name;
  std::string image;
  std::string id;     // of the engine; empty: it has none
  std::string state;  // state_text(); empty: the engine has none
};

struct KubernetesPod {
  std::string name, name_space, uid;
  std::vector<std::string> sources;          // files and folders that tell of it, in that order
  std::string handler;                       // of its runtime class, as the engine recorded it
  std::vector<std::string> runtime_classes;  // names; several classes may name one handler
  bool host_network = false, host_pid = false, host_ipc = false;  // as its manifest says
  std::string service_account;
  std::vector<PodContainer> containers;
  std::vector<PodVolume> volumes;
};

struct RuntimeClass {
  std::string name, handler;
  std::string file;
  /// What the engine of the pods here has under that name; kUnknown: no pod's engine tells.
  HandlerState state = HandlerState::kUnknown;
  Boundary kind = Boundary::kUnknown;
  std::string runtime;  // "gVisor"; empty: not known
};

struct CniNetwork {
  std::string name;
  std::string file;
  std::vector<std::string> plugins;  // programs, in the order of their call
};

struct Kubelet {
  std::string root;       // /var/lib/kubelet
  std::string found_by;   // "kubelet, process 4711", "default location"
  std::string config;     // the file of its configuration; empty: none
  std::string manifests;  // folder of static pods; empty: none
  /// What decides who may use it: "authentication.anonymous.enabled" -> "false"; only what a file
  /// or flag says.
  std::vector<std::pair<std::string, std::string>> settings;
};

struct KubernetesNode {
  std::vector<Kubelet> kubelets;
  std::vector<KubernetesPod> pods;  // by namespace and name
  std::vector<RuntimeClass> runtime_classes;
  std::vector<CniNetwork> networks;
};

}  // namespace meridian::model
