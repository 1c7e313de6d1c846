// SPDX-License-Identifier: Apache-2.0
//
// node.hpp: a Kubernetes node put together from its files and from what the engines recorded of
// its pods; no cluster is asked.
//
// Facts: kubelet, pkg/kubelet/kubelet_getters.go (folders of a pod), pkg/kubelet/config (static
// pods); what the API server alone knows is not there: RuntimeClass objects only as manifests.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/inventory.hpp"
#include "model/kubernetes.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store::kubernetes {

struct NodeLook {
  model::KubernetesNode node;
  std::vector<std::string> looked_at;  // places, for "no node here"
  std::vector<model::Problem> problems;
  bool is_empty() const {
    return node.kubelets.empty() && node.pods.empty() && node.runtime_classes.empty() &&
           problems.empty();
  }
};

/// `manifests`: more folders of them, of this process. `containers`: those of the stores.
NodeLook read_node(const rootfs::HostRoot& host, const std::vector<std::string>& manifests,
                   const std::vector<model::Container>& containers);

/// Which volume of its pod a path on the host is, by the kubelet's folders; `type` without
/// "kubernetes.io~". Nullopt: it is none. Any text.
std::optional<model::PodVolume> volume_of(std::string_view host_path);

/// Gives each mount of a pod's container that is a volume its name, and its type as driver:
/// "kubernetes.io/projected".
void name_volumes(std::vector<model::Container>& containers);

}  // namespace meridian::store::kubernetes
