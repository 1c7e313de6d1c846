// SPDX-License-Identifier: Apache-2.0
//
// render.hpp: a plan as what an engine reads. Every line that grants or takes something has a
// comment with its name, its reason and what is lost without it.
#pragma once

#include <string>

#include "deploy/plan.hpp"

namespace meridian::deploy {

/// A shell script (POSIX) with one `docker run`; arguments of the script are arguments of
/// `meridian` instead of the plan's. $MERIDIAN_ENGINE: another program of the same options, podman.
std::string docker_script(const Plan& plan);
/// A compose file with one service; it names meridian-seccomp.json beside it.
std::string compose_file(const Plan& plan);
/// DaemonSet, Job or CronJob; it names the node's seccomp profile meridian.json.
std::string kubernetes_manifest(const Plan& plan);
/// The profile as docker, podman, containerd and kubelet read it.
std::string seccomp_profile(const Plan& plan);

}  // namespace meridian::deploy
