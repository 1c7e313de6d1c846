// SPDX-License-Identifier: Apache-2.0
#include "environment/own_limits.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "environment/mount_view.hpp"
#include "environment/own_files.hpp"

namespace meridian::environment {

namespace {

/// Version 1 has no word for "none": it answers the most that a long counts in pages.
constexpr std::uint64_t kNoMemoryLimit = std::uint64_t{1} << 62;

/// Path of the group in the hierarchy that has `controller`; "" is version 2's list.
std::optional<std::string_view> path_of(std::string_view controller, std::string_view text) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find(':') + 1, line.size()));  // its number
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view names = line.substr(0, colon);
    if (controller.empty() ? names.empty() : store::has_option(names, controller)) {
      return line.substr(colon + 1);
    }
  }
  return std::nullopt;
}

/// "max", or as version 1 says it. An empty text is a file that is not there: the group of all.
bool is_endless(const std::string& text) {
  if (text.substr(0, 3) == "max" || text.substr(0, 2) == "-1") return true;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() && value >= kNoMemoryLimit;
}

}  // namespace

std::optional<std::string> group_folder(std::string_view controller, std::string_view cgroup_text,
                                        const std::vector<store::MountDetails>& mounts) {
  for (const store::MountDetails& mount : mounts) {
    const bool second = mount.kind == "cgroup2";
    if (!second && (mount.kind != "cgroup" || !store::has_option(mount.super_options, controller)))
      continue;
    const auto path = path_of(second ? "" : controller, cgroup_text);
    if (!path) continue;
    // A group namespace shows its own group as "/", and so does a mount made in it.
    if (!lies_in(*path, mount.place.root)) continue;
    const std::string_view rest =
        path->substr(mount.place.root == "/" ? 0 : mount.place.root.size());
    return mount.place.point + std::string(rest == "/" ? "" : rest);
  }
  return std::nullopt;
}

Unlimited own_limits(const std::vector<store::MountDetails>& mounts) {
  const std::string text = own_text("/proc/self/cgroup", kMaxOwnText);
  const auto is_unlimited = [&](const char* controller, const char* first, const char* second) {
    const auto folder = group_folder(controller, text, mounts);
    return folder && (is_endless(own_text(*folder + "/" + first, kMaxOwnText)) ||
                      is_endless(own_text(*folder + "/" + second, kMaxOwnText)));
  };
  return {is_unlimited("memory", "memory.limit_in_bytes", "memory.max"),
          is_unlimited("pids", "pids.max", "pids.max"),
          is_unlimited("cpu", "cpu.cfs_quota_us", "cpu.max")};
}

}  // namespace meridian::environment
