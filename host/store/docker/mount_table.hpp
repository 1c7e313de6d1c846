// SPDX-License-Identifier: Apache-2.0
//
// mount_table.hpp: /proc/PID/mountinfo, to say where another mount namespace's path lies in this
// one. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::store {

struct NamespaceMount {
  std::string device;  // "8:1"
  std::string root;    // of the mount, in its file system
  std::string point;   // where it is mounted, in that namespace
  bool operator==(const NamespaceMount&) const = default;
};

/// proc_pid_mountinfo(5); lines of another form are passed over. In the order of mounting.
std::vector<NamespaceMount> parse_mounts(std::string_view text);

/// The path in the namespace `to` of what is at `path` in the namespace `from`, by device and place
/// in its file system; nullopt: it is mounted nowhere there. `path` is absolute; links in it are
/// not looked at.
std::optional<std::string> translate(std::string_view path, const std::vector<NamespaceMount>& from,
                                     const std::vector<NamespaceMount>& to);

}  // namespace meridian::store
