// SPDX-License-Identifier: Apache-2.0
//
// parse.hpp: texts of procfs, as proc(5) describes them. What a process may put into them (its
// name, the path of a socket) is taken for what it is: bytes of a stranger.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/process.hpp"

namespace meridian::store {

/// /proc/<pid>/stat. kCorrupt if it is none.
struct ProcessStat {
  std::string name;  // may hold anything: "a) S 1 (b", a newline
  char state = '?';
  std::int64_t parent = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot
};
Result<ProcessStat> parse_process_stat(std::string_view text);

/// /proc/<pid>/status. kCorrupt if the user or a set of capabilities is missing.
struct ProcessStatus {
  std::uint32_t uid = 0, gid = 0;  // effective
  /// Its numbers in the pid namespaces around it, the outermost that procfs shows first.
  std::vector<std::int64_t> pids;
  model::SpecCapabilities capabilities;
};
Result<ProcessStatus> parse_process_status(std::string_view text);

/// Whether a process's cgroup is `cgroup` or in it, also where the first is seen from a cgroup
/// namespace that has been left: "/../default/web".
bool is_in_cgroup(std::string_view path, std::string_view cgroup);

/// /proc/<pid>/cgroup, v1 and v2: the paths, each once. Lines that are none are passed over.
std::vector<std::string> parse_cgroup_paths(std::string_view text);
/// A component of the path is `id`, "docker-ID.scope", "kubepods-...:cri-containerd:ID", ...
bool names_container(std::string_view cgroup_path, std::string_view id);
/// The same for any id of 64 hexadecimal digits.
bool names_any_container(std::string_view cgroup_path);

/// By inode. Lines that do not have the form are passed over.
using Sockets = std::map<std::uint64_t, model::ListeningSocket>;
/// /proc/<pid>/net/tcp, tcp6, udp and udp6.
void parse_inet_sockets(std::string_view text, const std::string& protocol, Sockets& out);
/// /proc/<pid>/net/unix. The kernel writes paths as they are, so one with a line break in it may
/// look like a socket that is not there; the first line of an inode counts.
void parse_unix_sockets(std::string_view text, Sockets& out);

/// "socket:[7]", "pid:[4026531836]": the number, if the text begins with `kind`. 0: it is none.
std::uint64_t inode_of_link(std::string_view text, std::string_view kind);
/// Takes off " (deleted)" and says whether it was there. A name that ends so looks the same.
bool take_deleted_mark(std::string& text);
/// The strings of /proc/<pid>/cmdline.
std::vector<std::string> parse_arguments(std::string_view text);

}  // namespace meridian::store
