// SPDX-License-Identifier: Apache-2.0
//
// policy.hpp: who should not share the host's kernel, as the configuration says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meridian/config.hpp>
#include <meridian/privileges.hpp>
#include <meridian/result.hpp>

namespace meridian::isolation {

struct Policy {
  std::vector<std::string> dangerous;  // words: "privileged", "host-pid", "CAP_SYS_ADMIN", ...
  std::vector<std::string> trusted_images, untrusted_images;  // globs

  /// kInvalid for a word that is none.
  static Result<Policy> of(const Config& config);

  /// Those of `dangerous` that the container has, in that order.
  std::vector<std::string> dangers(const Privileges& privileges) const;
  /// `name` is an image's, as a user typed it; empty: nobody knows.
  bool trusts(std::string_view name) const;
};

/// With the registry and folder that engines add: "docker.io/library/alpine:3".
std::string full_name(std::string_view name);

}  // namespace meridian::isolation
