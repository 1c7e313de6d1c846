// SPDX-License-Identifier: Apache-2.0
//
// node_view.hpp: `show node` and `list pods`: a Kubernetes node as its files tell of it.
#pragma once

#include <string>
#include <vector>

#include "finding/report.hpp"
#include "model/kubernetes.hpp"
#include "report/format.hpp"

namespace meridian::report {

/// kJson: meridian.node/1, with the gaps; kTable: for people, the gaps at its end.
std::string render_node(const model::KubernetesNode& node, const std::vector<finding::Gap>& gaps,
                        Format format, Style style);

/// A row a pod. JSON: {"schema": "meridian.pods/1", "pods": [...]}, each as in meridian.node/1;
/// JSON lines: one a line.
std::string render_pods(const std::vector<model::KubernetesPod>& pods, Format format, Style style);

}  // namespace meridian::report
