// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "paths.hpp"

namespace meridian::privileges {
namespace {

struct CapabilityPath {
  std::string_view capability;
  std::string_view rule;
  Severity severity;
  std::string_view with;    // another capability that it takes; empty: none
  bool blocked_by_seccomp;  // engines' default profiles refuse the call, capability or not
  std::string_view message;
};

// Moby's default profile opens the calls below to whoever has the capability, except kexec_load.
constexpr std::array kPaths = {
    CapabilityPath{
        "CAP_SYS_ADMIN", "cap-sys-admin", Severity::kCritical, "", false,
        "mounts a cgroup v1 hierarchy, whose release_agent the host's kernel runs as root"},
    CapabilityPath{"CAP_SYS_MODULE", "cap-sys-module", Severity::kCritical, "", false,
                   "init_module puts code of its own into the host's kernel"},
    CapabilityPath{
        "CAP_DAC_READ_SEARCH", "cap-dac-read-search", Severity::kCritical, "", false,
        "open_by_handle_at reaches every file of a file system that one of its mounts is on"},
    CapabilityPath{"CAP_SYS_RAWIO", "cap-sys-rawio", Severity::kHigh, "", false,
                   "iopl and raw disk commands reach the hardware past the kernel's checks"},
    CapabilityPath{"CAP_SYS_BOOT", "cap-sys-boot", Severity::kHigh, "", true,
                   "kexec_load starts a kernel of its own in place of the host's"},
    CapabilityPath{"CAP_BPF", "cap-bpf", Severity::kHigh, "CAP_PERFMON", false,
                   "tracing programs read the memory of the kernel and of every process"},
};

// These open a path only together with a namespace of the host's, which reports them then.
struct WithNamespace {
  std::string_view capability;
  std::string_view name_space;
};
constexpr std::array kWithNamespace = {WithNamespace{"CAP_SYS_PTRACE", "pid"},
                                       WithNamespace{"CAP_NET_ADMIN", "network"}};

bool is_confined(std::string_view apparmor_profile) {
  return !apparmor_profile.empty() && apparmor_profile != "unconfined";
}

std::string evidence_of(const CapabilityPath& path, const Subject& subject) {
  std::string text(path.capability);
  if (!path.with.empty()) text.append(" and ").append(path.with);
  text +=
      subject.privileges.seccomp() == Seccomp::kFilter ? ", seccomp filter" : ", no seccomp filter";
  const std::string_view profile = subject.privileges.apparmor_profile();
  if (!profile.empty()) text.append(", AppArmor ").append(profile);
  return text + ", " + subject.standing.text();
}

bool is_open(const CapabilityPath& path, const Subject& subject) {
  if (!subject.standing.can(path.capability)) return false;
  if (!path.with.empty() && !subject.standing.can(path.with)) return false;
  return !path.blocked_by_seccomp || subject.privileges.seccomp() != Seccomp::kFilter;
}

/// Those beyond the default that open no path of their own, in one finding.
void extra_capabilities(const Subject& subject, std::vector<std::string_view> told, Paths& out) {
  for (const WithNamespace& one : kWithNamespace) {
    if (subject.privileges.shares_with_host(one.name_space)) told.push_back(one.capability);
  }
  std::string names;
  for (const std::string_view name : subject.privileges.added()) {
    if (!subject.standing.can(name) || std::find(told.begin(), told.end(), name) != told.end())
      continue;
    names.append(names.empty() ? "" : " ").append(name);
  }
  if (names.empty()) return;
  out.push_back({"extra-capabilities", "capabilities",
                 "more of the kernel answers to it than to a container that asks for nothing",
                 names + ", " + subject.standing.text(), Severity::kLow, Confidence::kMedium});
}

}  // namespace

void capability_paths(const Subject& subject, Paths& out) {
  std::vector<std::string_view> told;
  for (const CapabilityPath& path : kPaths) {
    if (!is_open(path, subject)) continue;
    told.push_back(path.capability);
    if (!path.with.empty()) told.push_back(path.with);
    // Engines' AppArmor profiles refuse every mount.
    const bool mounts = path.capability == "CAP_SYS_ADMIN";
    const bool hindered = mounts && is_confined(subject.privileges.apparmor_profile());
    out.push_back({path.rule, "capability:" + std::string(path.capability),
                   std::string(path.message), evidence_of(path, subject),
                   subject.standing.to_kernel(lowered(path.severity, hindered ? 1 : 0)),
                   subject.standing.confidence()});
  }
  extra_capabilities(subject, std::move(told), out);
}

}  // namespace meridian::privileges
