// SPDX-License-Identifier: Apache-2.0
//
// seccomp_profile.hpp: a seccomp profile as Docker takes it (--security-opt seccomp=FILE), turned
// into the filter of an OCI runtime spec (moby, profiles/seccomp/seccomp_linux.go).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/oci_spec.hpp"

namespace meridian::store {

/// What a rule's conditions are asked of.
struct SeccompHost {
  std::string architecture;  // as Go names it: "amd64"
  std::string kernel;        // "6.1.0-18-amd64"; empty: not known, a condition on it does not hold
  std::vector<std::string> bounding;
};

/// nullopt: the profile asks for no filter. kCorrupt as model::Json.
Result<std::optional<model::SpecSeccomp>> filter_of(std::string_view profile,
                                                    const SeccompHost& host);

/// What stands for the profile that is compiled into dockerd: its default action and
/// architectures. Its rules are nowhere on disk.
model::SpecSeccomp default_filter(const std::string& architecture);

/// Of "6.1.0-18-amd64" and "4.8": the first two numbers. False for what has none.
bool kernel_is_at_least(std::string_view release, std::string_view minimum);

}  // namespace meridian::store
