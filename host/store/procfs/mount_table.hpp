// SPDX-License-Identifier: Apache-2.0
//
// mount_table.hpp: /proc/PID/mountinfo: what is mounted where and how, and where another mount
// namespace's path lies in this one. Pure.
#pragma once

#include <cstdint>
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

/// One line whole. What a line breaks off before stays empty.
struct MountDetails {
  /// Of the mount, and of the one that its mount point lies in; 0: not told.
  std::uint64_t id = 0, parent = 0;
  NamespaceMount place;
  std::string options;        // of the mount: "rw,nosuid"
  bool receives = false;      // what is mounted elsewhere later ("master:N", "shared:N")
  std::string kind;           // of the file system: "overlay"
  std::string super_options;  // of the file system: "rw,lowerdir=..."
};

/// proc_pid_mountinfo(5); lines of another form are passed over. In the order of mounting, at most
/// limits::kMaxObjects.
std::vector<MountDetails> parse_mount_details(std::string_view text);
/// The places alone.
std::vector<NamespaceMount> parse_mounts(std::string_view text);
/// `name` is one of the options in `list`: "ro" in "ro,nosuid".
bool has_option(std::string_view list, std::string_view name);
/// What follows "NAME=" in the list, unescaped; nullopt: there is no such option.
std::optional<std::string> option_value(std::string_view list, std::string_view name);

/// The path in the namespace `to` of what is at `path` in the namespace `from`, by device and place
/// in its file system; nullopt: it is mounted nowhere there. `path` is absolute; links in it are
/// not looked at.
std::optional<std::string> translate(std::string_view path, const std::vector<NamespaceMount>& from,
                                     const std::vector<NamespaceMount>& to);

}  // namespace meridian::store
