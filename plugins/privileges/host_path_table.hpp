// SPDX-License-Identifier: Apache-2.0
//
// host_path_table.hpp: which paths of a host are worth what to a container that has them mounted.
#pragma once

#include <string>
#include <string_view>

#include <meridian/finding.hpp>

namespace meridian::privileges {

/// Docker's data root where nobody moved it; the table has it at this place.
inline constexpr std::string_view kDockerRoot = "/var/lib/docker";

/// What one path is worth. kUnknown: nothing, when mounted like that.
struct HostPathWorth {
  std::string_view rule;
  Severity writable = Severity::kUnknown;
  Severity read_only = Severity::kUnknown;
  std::string_view message;
};

/// As the host's root would walk it: absolute, no "." or "..", no double or final slash, and
/// without the usual links: /var/run is /run, /bin is /usr/bin. Symbolic links of this very host
/// are not known here.
std::string canonical(std::string_view path);

/// The entry that fits a canonical path most closely, or null.
const HostPathWorth* worth_of(std::string_view path);

/// A name that engines give their sockets: "docker.sock".
bool is_engine_socket(std::string_view path);

}  // namespace meridian::privileges
