// SPDX-License-Identifier: Apache-2.0
#include "lane/sandbox_level.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/system_error.hpp"

namespace meridian::lane {

bool SandboxLevel::is_full() const {
  return !parts_.empty() && std::all_of(parts_.begin(), parts_.end(), [](const auto& part) {
    return part.reached() || !part.counts;
  });
}

std::string SandboxLevel::text() const {
  if (is_full()) return "full";
  std::string missing;
  bool any = false;
  for (const SandboxPart& part : parts_) {
    if (!part.counts) continue;
    any = any || part.reached();
    if (part.reached()) continue;
    missing += (missing.empty() ? " " : ", ") + part.name + " (" + part.reason + ")";
  }
  return any ? "partial:" + missing : "none";
}

bool SandboxLevel::has(std::string_view name) const {
  return std::any_of(parts_.begin(), parts_.end(), [name](const SandboxPart& part) {
    return part.name == name && part.reached();
  });
}

std::string reason_of(int error_number) {
  const char* const name = ::strerrorname_np(error_number);
  const std::string key = name != nullptr ? name : "error " + std::to_string(error_number);
  if (error_number == ENOSYS) return key + ": this kernel has none";
  if (error_number == EOPNOTSUPP) return key + ": switched off when this kernel was booted";
  return base::system_error(error_number, key).message();
}

}  // namespace meridian::lane
