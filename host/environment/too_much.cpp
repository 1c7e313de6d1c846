// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "base/escape.hpp"
#include "environment/judgement.hpp"
#include "environment/mount_view.hpp"
#include "model/capabilities.hpp"
#include "plugin/manifest.hpp"

namespace meridian::environment {

namespace {

/// Each makes a feature work that is degraded without: see Judge in diagnosis.cpp.
constexpr std::array<unsigned, 3> kUsed = {CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN, CAP_SYS_PTRACE};
constexpr std::size_t kShown = 3;  // of a list of mounts

bool any_plugin_needs(const Observed& seen, std::string_view privilege) {
  return std::any_of(seen.plugins.begin(), seen.plugins.end(), [&](const PluginNeed& need) {
    return std::find(need.privileges.begin(), need.privileges.end(), privilege) !=
           need.privileges.end();
  });
}

class Excess {
 public:
  explicit Excess(const Observed& seen) : seen_(seen), mounts_(seen) {}

  void capabilities();
  void seccomp();
  void namespaces();
  void mounts();
  void limits();
  std::vector<Diagnosis> take() { return std::move(entries_); }

 private:
  void add(Cause cause, std::string observed, std::string argument = "") {
    entries_.push_back({feature::kLeastPrivilege, State::kTooMuch, cause, std::move(observed),
                        std::move(argument)});
  }
  bool is_used(unsigned capability) const;
  void sockets();

  const Observed& seen_;
  MountView mounts_;
  std::vector<Diagnosis> entries_;
};

bool Excess::is_used(unsigned capability) const {
  if (std::find(kUsed.begin(), kUsed.end(), capability) != kUsed.end()) return true;
  const auto names = model::all_capabilities();
  return capability < names.size() && any_plugin_needs(seen_, names[capability]);
}

void Excess::capabilities() {
  std::string extra;
  bool all = true;
  const auto names = model::all_capabilities();
  for (unsigned number = 0; number <= seen_.last_capability && number < 64; ++number) {
    if (!holds(seen_, number)) {
      all = false;
      continue;
    }
    if (is_used(number)) continue;
    const std::string name =
        number < names.size() ? std::string(names[number].substr(4)) : std::to_string(number);
    extra += (extra.empty() ? "" : " ") + name;
  }
  if (all) {
    add(Cause::kPrivileged, "every capability is held");
  } else if (!extra.empty()) {
    add(Cause::kExtraCapabilities, "capabilities that nothing uses: " + extra, extra);
  }
  if (!seen_.before.no_new_privileges && !seen_.container.is_gvisor) {
    add(Cause::kNewPrivileges, "a setuid program could gain privileges");
  }
}

void Excess::seccomp() {
  if (seen_.container.is_gvisor) return;
  const int error = seen_.before.open_by_handle_errno;
  if (seen_.before.seccomp_mode == 0) {
    add(Cause::kNoSeccomp, "no filter of system calls");
  } else if (holds(seen_, CAP_DAC_READ_SEARCH) && error != EPERM && error != ENOSYS &&
             error != EACCES) {
    add(Cause::kOpenByHandle,
        "the seccomp profile allows open_by_handle_at, with CAP_DAC_READ_SEARCH a way to files "
        "outside of the "
        "container through any writable volume");
  }
}

void Excess::namespaces() {
  if (seen_.shares_network && !any_plugin_needs(seen_, plugin::privilege::kHostNetwork)) {
    add(Cause::kHostNetwork, "the machine's network, which no plugin needs");
  } else if (seen_.has_network && !any_plugin_needs(seen_, plugin::privilege::kNetwork)) {
    add(Cause::kNetwork, "a network, which no plugin needs");
  }
  if (seen_.shares_pids && !any_plugin_needs(seen_, plugin::privilege::kHostPid)) {
    add(Cause::kHostPid,
        "the machine's process ids, which no plugin needs; its procfs below the host root is "
        "enough");
  }
}

void Excess::sockets() {
  for (const store::MountDetails& mount : seen_.mounts) {
    const std::string& point = mount.place.point;
    if (lies_in(point, seen_.root) && seen_.root != "/") continue;
    for (const char* const name :
         {"/docker.sock", "/containerd.sock", "/podman.sock", "/crio.sock", "/buildkitd.sock"}) {
      const std::string_view end(name);
      const auto ends = [&](const std::string& text) {
        return text.size() >= end.size() &&
               text.compare(text.size() - end.size(), end.size(), end) == 0;
      };
      if (!ends(point) && !ends(mount.place.root)) continue;
      add(Cause::kEngineSocket,
          "an engine's socket is mounted at " + base::escape(point) + ": who speaks to it is root",
          base::escape(point));
      break;
    }
  }
}

void Excess::mounts() {
  sockets();
  if (const auto* const own = mounts_.at("/");
      own != nullptr && is_writable(*own) && seen_.root != "/") {
    add(Cause::kContainerWritable, "the container's own file system is writable");
  }
  if (!mounts_.is_judgeable()) return;
  const std::string root = base::escape(seen_.root);
  if (is_writable(*mounts_.host_root())) {
    add(Cause::kHostRootWritable, root + " is writable", root);
  }
  const auto writable = mounts_.writable_below();
  if (writable.empty()) return;
  std::string some;
  for (std::size_t i = 0; i < writable.size() && i < kShown; ++i) {
    some += (i == 0 ? "" : ", ") + base::escape(writable[i]->place.point);
  }
  add(Cause::kSubmountsWritable,
      std::to_string(writable.size()) + " mounts below " + root + " are writable (" + some +
          (writable.size() > kShown ? ", ..." : "") +
          "): readonly makes the top mount read-only, not those below it",
      root);
}

void Excess::limits() {
  if (seen_.unlimited.memory) {
    add(Cause::kNoMemoryLimit, "no limit of memory: a hostile archive competes with the machine");
  }
  if (seen_.unlimited.processes) {
    add(Cause::kNoProcessLimit, "no limit of processes: one that forks without end takes them all");
  }
  if (seen_.unlimited.processors) {
    add(Cause::kNoProcessorLimit, "no limit of processor time: a scan takes what there is");
  }
}

}  // namespace

std::vector<Diagnosis> too_much(const Observed& seen) {
  // A whole system in a container, with an engine of its own, is its own affair.
  const bool own_engine =
      seen.root == "/" && std::any_of(seen.stores.begin(), seen.stores.end(),
                                      [](const auto& place) { return place.problem.empty(); });
  if (!seen.container.inside || own_engine) return {};
  Excess excess(seen);
  excess.capabilities();
  excess.seccomp();
  excess.namespaces();
  excess.mounts();
  excess.limits();
  return excess.take();
}

}  // namespace meridian::environment
