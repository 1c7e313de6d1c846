// SPDX-License-Identifier: Apache-2.0
//
// identity.hpp: how plugins, their versions, rules and files may be named (abi/entry.h, plugin.h).
#pragma once

#include <algorithm>
#include <string_view>

namespace meridian::plugin {

inline constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz0123456789-";

inline bool is_of(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}

/// Reverse-DNS: 3 to 127 bytes, at least two parts, none empty.
inline bool is_plugin_id(std::string_view id) {
  if (id.size() < 3 || id.size() > 127 || id.front() == '.' || id.back() == '.') return false;
  if (id.find('.') == std::string_view::npos || id.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(id.begin(), id.end(),
                     [](char c) { return c == '.' || kLower.find(c) != std::string_view::npos; });
}

inline bool is_rule_id(std::string_view id) {
  return !id.empty() && id.size() <= 63 && is_of(id, kLower);
}

/// semver.org: three numbers, then '-' or '+' and the rest.
inline bool is_version(std::string_view version) {
  if (version.size() > 31) return false;
  const std::string_view core = version.substr(0, version.find_first_of("-+"));
  if (core.empty() || core.front() == '.' || core.back() == '.' ||
      core.find("..") != std::string_view::npos || !is_of(core, "0123456789.") ||
      std::count(core.begin(), core.end(), '.') != 2) {
    return false;
  }
  return is_of(version.substr(core.size()),
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-+");
}

inline bool is_library_name(std::string_view name) {
  return name.size() > 3 && name.size() <= 255 && name.ends_with(".so") && name.front() != '.' &&
         is_of(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-");
}

}  // namespace meridian::plugin
