// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "judges.hpp"

namespace meridian::privilege_escalation {
namespace {

struct RootGroup {
  std::string_view name;
  Severity severity;
  std::string_view what;
};

constexpr auto kRootGroups = std::to_array<RootGroup>({
    {"docker", Severity::kMedium, "may command the engine, where its socket is there"},
    {"podman", Severity::kMedium, "may command the engine, where its socket is there"},
    {"lxd", Severity::kMedium, "may start privileged containers, where LXD's socket is there"},
    {"incus-admin", Severity::kMedium, "may start privileged containers, where Incus' socket is"},
    {"libvirt", Severity::kMedium, "may start machines with any disk, where libvirt's socket is"},
    {"disk", Severity::kMedium, "may read and write raw disks, where their nodes are there"},
    {"kmem", Severity::kMedium, "may read the kernel's memory, where its node is there"},
    {"shadow", Severity::kMedium, "may read the password hashes"},
    {"sudo", Severity::kInfo, "may become root as sudoers says"},
    {"wheel", Severity::kInfo, "may become root as sudoers and PAM say"},
    {"admin", Severity::kInfo, "may become root as sudoers says"},
});

void judge_users(Subject& subject) {
  for (const User& user : subject.accounts().users()) {
    if (user.uid == 0 && user.name != "root") {
      subject.report({"uid-zero-account", Severity::kUnknown, "etc/passwd",
                      "user '" + user.name + "' is root under another name", user.name});
    }
    // What pam_unix's nullok and su make of it.
    if (user.password.empty()) {
      const bool login = is_login_shell(user.shell);
      subject.report({"empty-password", login ? Severity::kUnknown : Severity::kLow, "etc/passwd",
                      "user '" + user.name + "' has no password, not even one in shadow" +
                          (login ? "" : "; it has no login shell"),
                      user.name});
    }
    if (user.gid == 0 && user.uid != 0) {
      const bool login = is_login_shell(user.shell);
      subject.report({"root-group-member", login ? Severity::kLow : Severity::kInfo, "etc/passwd",
                      "user '" + user.name + "' has root's group as its own", user.name + ": 0"});
    }
  }
}

void judge_groups(Subject& subject) {
  for (const Group& group : subject.accounts().groups()) {
    const auto* const rooted =
        std::find_if(kRootGroups.begin(), kRootGroups.end(),
                     [&](const RootGroup& one) { return one.name == group.name; });
    const bool zero = group.gid == 0;
    if (rooted == kRootGroups.end() && !zero) continue;
    for (const std::string& name : subject.accounts().members(group.gid)) {
      const auto& users = subject.accounts().users();
      const auto user = std::find_if(users.begin(), users.end(),
                                     [&](const User& one) { return one.name == name; });
      if (zero && user != users.end() && user->gid == 0) continue;  // said of the user
      // Alpine and old RHEL have bin, adm and their like in disk and root's groups.
      const bool login = user != users.end() && is_login_shell(user->shell);
      const Severity severity = zero ? Severity::kLow : rooted->severity;
      subject.report(
          {"root-group-member", login ? severity : Severity::kInfo, "etc/group",
           "user '" + name + "' is in group " + group.name +
               (zero ? std::string(", which is root's") : ": it " + std::string(rooted->what)),
           name + ": " + group.name});
    }
  }
}

}  // namespace

void judge_accounts(Subject& subject) {
  judge_users(subject);
  judge_groups(subject);
}

}  // namespace meridian::privilege_escalation
