// SPDX-License-Identifier: Apache-2.0
#include "store/annotation_settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "store/runtime_settings.hpp"

namespace meridian::store {
namespace {

using model::RuntimeSetting;

std::string_view after(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix ? text.substr(prefix.size()) : std::string_view();
}

/// Flags that runsc takes from annotations whoever set them.
bool is_harmless_flag(std::string_view name) {
  constexpr std::array<std::string_view, 4> kFlags = {"debug", "strace", "strace-syscalls",
                                                      "strace-log-size"};
  return std::find(kFlags.begin(), kFlags.end(), name) != kFlags.end();
}

bool allows_flags(const std::vector<RuntimeSetting>& settings) {
  bool allowed = false;  // the last one counts
  for (const RuntimeSetting& one : settings) {
    if (one.name == "allow-flag-override") allowed = one.value == "true" || one.value == "1";
  }
  return allowed;
}

/// Kata's patterns are Go's regular expressions; of those that people write (names, ".*",
/// "PREFIX.*") it can be said whether they match. Any other counts as one that does.
bool pattern_matches(std::string_view pattern, std::string_view name) {
  const std::size_t special = pattern.find_first_of(".*+?[](){}|^$\\");
  if (special == std::string_view::npos) return pattern == name;
  if (pattern.substr(special) == ".*") return name.substr(0, special) == pattern.substr(0, special);
  return true;
}

/// The table "hypervisor.NAME" whose enable_annotations lets `name` in; empty: none does.
std::string table_that_allows(const std::vector<RuntimeSetting>& settings, std::string_view name) {
  constexpr std::string_view kHypervisor = "hypervisor.", kEnable = ".enable_annotations";
  for (const RuntimeSetting& one : settings) {
    const std::string_view key = one.name;
    if (after(key, kHypervisor).empty() || key.size() <= kEnable.size() ||
        key.substr(key.size() - kEnable.size()) != kEnable)
      continue;
    std::string_view rest = one.value;
    while (!rest.empty()) {
      const std::string_view pattern = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(pattern.size() + 1, rest.size()));
      if (pattern_matches(pattern, name))
        return std::string(key.substr(0, key.size() - kEnable.size()));
    }
  }
  return {};
}

/// The setting that an annotation makes; empty: none.
std::string setting_of(std::string_view annotation, const model::KernelBoundary& boundary) {
  if (boundary.kind == model::Boundary::kApplicationKernel) {
    const std::string_view flag = after(annotation, "dev.gvisor.flag.");
    return is_harmless_flag(flag) || (!flag.empty() && allows_flags(boundary.settings))
               ? std::string(flag)
               : std::string();
  }
  const std::string_view name = after(annotation, "io.katacontainers.config.");
  if (const std::string_view key = after(name, "hypervisor."); !key.empty()) {
    const std::string table = table_that_allows(boundary.settings, key);
    return table.empty() ? table : table + "." + std::string(key);
  }
  if (const std::string_view key = after(name, "agent."); !key.empty())
    return "agent.kata." + std::string(key);
  return after(name, "runtime.").empty() ? std::string() : std::string(name);
}

}  // namespace

void add_annotation_settings(const std::map<std::string, std::string>& annotations,
                             model::KernelBoundary& boundary) {
  if (boundary.kind != model::Boundary::kApplicationKernel &&
      boundary.kind != model::Boundary::kMicroVm)
    return;
  std::vector<RuntimeSetting> added;
  for (const auto& [key, value] : annotations) {
    std::string name = setting_of(key, boundary);
    if (name.empty() || boundary.settings.size() + added.size() >= kMaxSettings) continue;
    added.push_back({std::move(name), value, "annotation " + key});
  }
  auto& settings = boundary.settings;
  for (RuntimeSetting& one : added) {
    settings.erase(
        std::remove_if(settings.begin(), settings.end(),
                       [&one](const RuntimeSetting& old) { return old.name == one.name; }),
        settings.end());
    settings.push_back(std::move(one));
  }
}

}  // namespace meridian::store
