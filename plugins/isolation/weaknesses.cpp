// SPDX-License-Identifier: Apache-2.0
#include "weaknesses.hpp"

#include <algorithm>
#include <array>

#include "setting_table.hpp"

namespace meridian::isolation {
namespace {

using Weaknesses = std::vector<Weakness>;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string last_evidence(const Isolation& isolation) {
  const Strings all = isolation.evidence();
  return all.size() == 0 ? std::string() : std::string(all[all.size() - 1]);
}

std::string name_of(const Isolation& isolation) {
  return isolation.handler().empty() ? "the engine's default runtime"
                                     : "runtime " + quoted(isolation.handler());
}

void handler_weaknesses(const Isolation& isolation, Weaknesses& out) {
  if (isolation.state() == HandlerState::kNotConfigured) {
    out.push_back({"handler-not-configured", "runtime",
                   name_of(isolation) + " is in no settings of its engine that were found: it " +
                       "cannot be started again, or another one's settings apply",
                   std::string(isolation.handler()), Severity::kUnknown, Confidence::kMedium});
  } else if (isolation.state() == HandlerState::kNoProgram) {
    out.push_back({"handler-without-program", "runtime",
                   name_of(isolation) + " has no program on this host: " +
                       std::string(isolation.program()) + " is not there",
                   std::string(isolation.program()), Severity::kUnknown, Confidence::kMedium});
  }
  const bool claims = names_sandbox(isolation.handler()) || names_sandbox(isolation.program());
  const bool known = isolation.boundary() != Boundary::kUnknown;
  if (claims && !isolation.is_sandbox() && (known || isolation.state() == HandlerState::kReady)) {
    out.push_back(
        {"sandbox-in-name-only", "runtime",
         name_of(isolation) + " is called like a sandbox and is " +
             (known ? std::string(isolation.runtime()) + ", which shares the host's kernel"
                    : std::string("none: ") + last_evidence(isolation)),
         std::string(isolation.handler()) + ", " + std::string(isolation.program()) + ", " +
             std::string(isolation.binary())});
  }
}

void shared_weaknesses(const Target& target, const Policy& policy, Weaknesses& out) {
  if (const auto privileges = target.privileges()) {
    std::string all;
    for (const std::string& one : policy.dangers(*privileges))
      all += (all.empty() ? "" : ", ") + one;
    if (!all.empty()) {
      out.push_back({"shared-kernel-privileges", "runtime",
                     "it shares the host's kernel and has what is dangerous there: " + all +
                         alternatives(target),
                     all});
    }
  }
  if (!policy.trusts(target.image_name())) {
    const std::string name(target.image_name());
    out.push_back({"shared-kernel-untrusted", "image",
                   "it shares the host's kernel and its image is not trusted: " +
                       (name.empty() ? std::string("nobody knows its name") : name) +
                       alternatives(target),
                   name});
  }
}

void setting_weaknesses(const Isolation& isolation, Weaknesses& out) {
  for (const RuntimeSetting one : isolation.settings()) {
    const SettingWorth* const worth = worth_of(isolation.boundary(), one.name(), one.value());
    if (worth == nullptr) continue;
    const std::string text = std::string(one.name()) + " = " + std::string(one.value());
    out.push_back({worth->rule, "setting:" + std::string(one.name()),
                   std::string(worth->message) + " (" + std::string(one.source()) + ")", text,
                   worth->severity});
  }
}

/// What engines mount into every container, and volumes, which have a folder of their own.
bool is_engines_own(const Mount& mount) {
  constexpr std::array<std::string_view, 5> kFiles = {
      "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/shm", "/dev/termination-log"};
  if (std::find(kFiles.begin(), kFiles.end(), mount.destination()) != kFiles.end()) return true;
  const auto has = [&mount](std::string_view part) {
    return mount.source().find(part) != std::string_view::npos;
  };
  if ((has("/volumes/") && has("/_data")) || has("/kubelet/pods/")) return true;
  constexpr std::string_view kServiceAccount = "/var/run/secrets/kubernetes.io/";
  return mount.destination().substr(0, kServiceAccount.size()) == kServiceAccount;
}

void sandbox_weaknesses(const Privileges& privileges, Weaknesses& out) {
  for (const std::string_view type : {"pid", "network", "ipc", "mount"}) {
    if (!privileges.shares_with_host(type)) continue;
    out.push_back({"sandbox-host-namespace", "namespace:" + std::string(type),
                   "its sandbox is put into the host's " + std::string(type) + " namespace",
                   std::string(type) + " namespace of the host"});
  }
  for (const Mount mount : privileges.mounts()) {
    if (!mount.of_host() || is_engines_own(mount)) continue;
    const bool read_only = mount.read_only();
    out.push_back({"sandbox-host-path", "mount:" + std::string(mount.destination()),
                   std::string("files of the host are shared with the sandbox, ") +
                       (read_only ? "read-only: " : "writable: ") + std::string(mount.source()),
                   std::string(mount.source()) + (read_only ? ", read-only" : ", writable"),
                   read_only ? Severity::kInfo : Severity::kLow});
  }
  for (std::uint64_t i = 0; i < privileges.raw()->device_count; ++i) {
    const std::string path(view(privileges.raw()->devices[i]->path));
    out.push_back({"sandbox-device", "device:" + path,
                   "a device of the host is passed through to the sandbox: " + path, path});
  }
}

}  // namespace

bool names_sandbox(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"runsc", "gvisor",      "kata",
                                                      "krun",  "firecracker", "ignite"};
  return std::any_of(kNames.begin(), kNames.end(), [name](std::string_view one) {
    return name.find(one) != std::string_view::npos;
  });
}

std::string alternatives(const Target& target) {
  std::string out;
  const auto add = [&out](const std::string& text) {
    out += (out.empty() ? "; this host has " : ", ") + text;
  };
  for (const Isolation one : target.handlers()) {
    const std::string name = quoted(one.handler());
    if (one.is_sandbox() && one.state() == HandlerState::kReady) {
      add("runtime " + name + " (" + std::string(one.runtime()) + ")");
    } else if (one.is_sandbox() && one.state() == HandlerState::kNotConfigured) {
      add(std::string(one.runtime()) + " at " + std::string(one.binary()) +
          ", of which its engine was not told");
    } else if (names_sandbox(one.handler()) && !one.is_sandbox()) {
      const bool missing = one.state() == HandlerState::kNoProgram;
      add("a runtime " + name + " that is no sandbox" +
          (missing ? ": " + std::string(one.program()) + " is not there" : ""));
    }
  }
  return out;
}

std::vector<Weakness> weaknesses(const Target& target, const Isolation& isolation,
                                 const Policy& policy) {
  Weaknesses out;
  handler_weaknesses(isolation, out);
  if (isolation.is_sandbox()) {
    setting_weaknesses(isolation, out);
    if (const auto privileges = target.privileges()) sandbox_weaknesses(*privileges, out);
  } else {
    // Whose kernel is not known is taken for one that has the host's.
    shared_weaknesses(target, policy, out);
  }
  return out;
}

}  // namespace meridian::isolation
