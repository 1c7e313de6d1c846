// SPDX-License-Identifier: Apache-2.0
//
// kubelet.hpp: where the kubelets of a machine keep their files, and what they were told of who may
// use them.
//
// Facts: kubelet(8); kubeadm, kubelet drop-in; k3s, pkg/agent/config; RKE2, pkg/rke2; MicroK8s,
// default-args/kubelet.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/inventory.hpp"
#include "model/kubernetes.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store::kubernetes {

/// Running ones first, then the usual places of k3s, RKE2, MicroK8s and kubeadm that are there;
/// each root once. What is there and cannot be read is a problem. `looked_at`: places, for people.
std::vector<model::Kubelet> find_kubelets(const rootfs::HostRoot& host,
                                          std::vector<std::string>& looked_at,
                                          std::vector<model::Problem>& problems);

/// By the names of the configuration file ("authorization.mode"), and "rootDir", "config",
/// "staticPodPath".
using Settings = std::map<std::string, std::string>;

/// Of "--anonymous-auth=false", "--root-dir DIR", ...; a flag without a value is "true".
Settings flag_settings(const std::vector<std::string>& words);
/// Of a KubeletConfiguration. Any text: kCorrupt, kLimit.
Result<Settings> file_settings(std::string_view yaml);
/// The words of a file of flags: NAME="--a --b" of kubeadm, or one flag a line of MicroK8s.
std::vector<std::string> flag_words(std::string_view text);

}  // namespace meridian::store::kubernetes
