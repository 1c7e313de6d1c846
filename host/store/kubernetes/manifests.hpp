// SPDX-License-Identifier: Apache-2.0
//
// manifests.hpp: the objects of a manifest that a node is about: pods and runtime classes.
//
// Source: Kubernetes API reference, core/v1 Pod, node.k8s.io/v1 RuntimeClass, List.
#pragma once

#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/kubernetes.hpp"

namespace meridian::store::kubernetes {

struct ManifestPod {
  model::KubernetesPod pod;
  std::string runtime_class;
};

struct Manifests {
  std::vector<ManifestPod> pods;
  std::vector<model::RuntimeClass> runtime_classes;  // without their file
};

/// Any YAML or JSON text. Objects of other kinds are passed over; a list is read item by item. The
/// error names the document: kCorrupt, kLimit.
Result<Manifests> parse_manifests(std::string_view text);

}  // namespace meridian::store::kubernetes
