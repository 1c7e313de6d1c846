// SPDX-License-Identifier: Apache-2.0
#include "policy.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <utility>

namespace meridian::isolation {
namespace {

struct Danger {
  std::string_view word;
  bool (*has)(const Privileges&);
};

constexpr std::array kDangers = {
    Danger{"privileged", [](const Privileges& of) { return of.privileged(); }},
    Danger{"all-devices", [](const Privileges& of) { return of.all_devices(); }},
    Danger{"no-seccomp", [](const Privileges& of) { return of.seccomp() != Seccomp::kFilter; }},
    Danger{"host-pid", [](const Privileges& of) { return of.shares_with_host("pid"); }},
    Danger{"host-network", [](const Privileges& of) { return of.shares_with_host("network"); }},
    Danger{"host-ipc", [](const Privileges& of) { return of.shares_with_host("ipc"); }},
    Danger{"host-uts", [](const Privileges& of) { return of.shares_with_host("uts"); }},
    Danger{"host-mounts", [](const Privileges& of) { return of.shares_with_host("mount"); }}};

constexpr std::string_view kCapability = "CAP_";

const Danger* find_danger(std::string_view word) {
  const auto* const found = std::find_if(kDangers.begin(), kDangers.end(),
                                         [word](const Danger& one) { return one.word == word; });
  return found == kDangers.end() ? nullptr : found;
}

bool is_capability(std::string_view word) {
  return word.substr(0, kCapability.size()) == kCapability;
}

/// In a user namespace of its own a capability is none over the host.
bool has_capability(const Privileges& of, std::string_view word) {
  for (const Namespace one : of.namespaces()) {
    if (one.type() == "user" && one.sharing() == Sharing::kPrivate) return false;
  }
  for (const Strings set : {of.bounding(), of.effective(), of.ambient()}) {
    if (std::find(set.begin(), set.end(), word) != set.end()) return true;
  }
  return false;
}

bool any_fits(const std::vector<std::string>& globs, std::string_view name) {
  const std::string typed(name);
  const std::string full = full_name(name);
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return ::fnmatch(glob.c_str(), typed.c_str(), 0) == 0 ||
           ::fnmatch(glob.c_str(), full.c_str(), 0) == 0;
  });
}

}  // namespace

Result<Policy> Policy::of(const Config& config) {
  const auto list = [&config](std::string_view key) {
    return config.texts(key).value_or(std::vector<std::string>());
  };
  Policy policy{list("dangerous"), list("trusted_images"), list("untrusted_images")};
  for (const std::string& word : policy.dangerous) {
    if (is_capability(word) || find_danger(word) != nullptr) continue;
    std::string known;
    for (const Danger& one : kDangers) known.append(one.word).append(", ");
    return Error(ErrorCode::kInvalid, "dangerous: '" + word + "' is none of " + known +
                                          "or a capability such as CAP_SYS_ADMIN");
  }
  return policy;
}

std::vector<std::string> Policy::dangers(const Privileges& privileges) const {
  std::vector<std::string> out;
  for (const std::string& word : dangerous) {
    const Danger* const known = find_danger(word);
    const bool has = known != nullptr ? known->has(privileges) : has_capability(privileges, word);
    if (has) out.push_back(word);
  }
  return out;
}

bool Policy::trusts(std::string_view name) const {
  if (any_fits(untrusted_images, name)) return false;
  return trusted_images.empty() || any_fits(trusted_images, name);
}

std::string full_name(std::string_view name) {
  if (name.empty()) return {};
  const auto slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  if (slash == std::string_view::npos) return "docker.io/library/" + std::string(name);
  const bool is_registry = first == "localhost" || first.find_first_of(".:") != first.npos;
  return is_registry ? std::string(name) : "docker.io/" + std::string(name);
}

}  // namespace meridian::isolation
