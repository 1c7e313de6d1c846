// SPDX-License-Identifier: Apache-2.0
//
// wording.hpp: what is the same for every engine: what is taken from the container, in words and in
// docker's options.
#pragma once

#include <string>
#include <vector>

#include "deploy/plan.hpp"

namespace meridian::deploy {

/// "NAME: WHY. Without: LOST."
std::string explained(const Reason& reason);
/// What the file does, for its head.
std::string summary(const Plan& plan);

/// Taken from the container, or bounded. The other forms are the renderers' own; `name` finds them.
struct Limit {
  Reason reason;
  std::string docker;
};
std::vector<Limit> limits(const Plan& plan);
/// The one of that name. There is one.
Reason limit_reason(const Plan& plan, const std::string& name);

Reason seccomp_reason(const Plan& plan);
Reason environment_reason(const std::string& key, const std::string& value);

std::string in_mebibytes(std::uint64_t bytes);  // "1024"
std::string in_cpus(std::uint32_t milli_cpus);  // "0.5", "2"

}  // namespace meridian::deploy
