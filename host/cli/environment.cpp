// SPDX-License-Identifier: Apache-2.0
#include "cli/environment.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "cli/wiring.hpp"
#include "lane/landlock.hpp"
#include "rootfs/trusted_access.hpp"
#include "store/procfs/proc_folder.hpp"

namespace meridian::cli {

namespace {

constexpr std::uint64_t kMaxMountInfo = 16ull << 20;  // a node with 10,000 containers has some MiB

EnvironmentFact fact(std::string name, bool allowed, std::string detail, std::string mend) {
  return {std::move(name), allowed, std::move(detail), allowed ? std::string() : std::move(mend)};
}

/// The part of the lane's level, with `mend` if it is missing.
EnvironmentFact of_part(const lane::SandboxLevel& level, const char* part,
                        const std::string& detail, std::string mend) {
  for (const lane::SandboxPart& one : level.parts()) {
    if (one.name != part) continue;
    return fact(part, one.reached(), one.reached() ? detail : one.reason, std::move(mend));
  }
  return fact(part, false, "could not be tried", std::move(mend));
}

bool has_capability(unsigned capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return (sets[capability / 32].effective >> (capability % 32) & 1) != 0;
}

EnvironmentFact openat2_fact() {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const base::UniqueFd found(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how)));
  const int failed = errno;
  return fact("openat2", static_cast<bool>(found),
              found ? "paths are resolved below the host root by the kernel"
                    : lane::reason_of(failed) + "; a slower look-up, part by part, does the same",
              "Linux 5.6, and a seccomp profile that knows openat2");
}

EnvironmentFact host_root_fact(const std::string& root) {
  const auto opened = rootfs::HostRoot::open(root);
  return fact("host root", opened.has_value(),
              opened ? base::escape(root) : opened.error().message(),
              "mount the machine's root: --mount "
              "type=bind,source=/,target=/host,readonly,bind-propagation=rslave");
}

EnvironmentFact procfs_fact(const std::string& root) {
  const auto opened = rootfs::HostRoot::open(root);
  const bool has = opened && store::has_procfs(**opened);
  return fact("host procfs", has,
              has ? "processes of containers can be told" : "no procfs below the host root",
              "the recursive mount of the host root brings /proc; without it no processes are "
              "shown, and whether a container runs is what the engine recorded");
}

/// Fields 5 and following of the last mount at `root`: its options and its propagation.
struct MountState {
  bool found = false, read_only = false, slave = false;
};
MountState mount_at(const std::string& root) {
  MountState state;
  const base::UniqueFd file(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!file) return state;
  const auto text = base::read_all(file.get(), kMaxMountInfo, "mountinfo");
  if (!text) return state;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string skipped;
    std::string place;
    std::string options;
    fields >> skipped >> skipped >> skipped >> skipped >> place >> options;
    if (place != root) continue;
    state = {true, ("," + options + ",").find(",ro,") != std::string::npos, false};
    for (std::string tag; fields >> tag && tag != "-";) {
      state.slave = state.slave || tag.rfind("master:", 0) == 0;
    }
  }
  return state;
}

void add_container_facts(const std::string& root, std::vector<EnvironmentFact>& facts) {
  const bool inside = inside_container();
  facts.push_back({"container", true,
                   inside ? "this process is in a container" : "this process is on the machine",
                   ""});
  if (!inside || root == "/") return;
  const MountState mount = mount_at(root);
  facts.push_back(fact("host root read-only", mount.found && mount.read_only,
                       !mount.found      ? base::escape(root) + " is no mount"
                       : mount.read_only ? "its top mount; those below it may be writable"
                                         : "writable",
                       "readonly in the mount of the host root"));
  facts.push_back(fact("host root propagation", mount.slave,
                       mount.slave ? "slave: later mounts of the machine appear"
                                   : "private: what the machine mounts later is not seen",
                       "bind-propagation=rslave in the mount of the host root"));
}

void add_capabilities(std::vector<EnvironmentFact>& facts) {
  const auto held = [](bool has) { return has ? "held" : "not held"; };
  const bool reads = has_capability(CAP_DAC_READ_SEARCH) || has_capability(CAP_DAC_OVERRIDE);
  facts.push_back(fact("CAP_DAC_READ_SEARCH", reads, held(reads),
                       "--cap-add DAC_READ_SEARCH (with uid 0), or run as root: without it files "
                       "that others may not read are gaps"));
  const bool trusted = rootfs::trusted_access() == rootfs::TrustedAccess::kReadable;
  facts.push_back(fact("CAP_SYS_ADMIN", trusted, held(trusted),
                       "--cap-add SYS_ADMIN in the machine's user namespace: without it overlay "
                       "markers (trusted.*) cannot be read, and deleted directories are gaps"));
  const bool traces = has_capability(CAP_SYS_PTRACE);
  facts.push_back(fact("CAP_SYS_PTRACE", traces, held(traces),
                       "--cap-add SYS_PTRACE: without it programs, namespaces and open files of "
                       "containers' processes are gaps"));
}

}  // namespace

std::vector<EnvironmentFact> environment_facts(const std::string& host_root,
                                               const lane::SandboxLevel& lane,
                                               const lane::SandboxLevel& host) {
  std::vector<EnvironmentFact> facts;
  facts.push_back(of_part(lane, lane::part::kLandlock,
                          "ABI " + std::to_string(lane::landlock_abi()),
                          "Linux 5.13 with landlock among its lsm= (gVisor has none)"));
  facts.push_back(of_part(lane, lane::part::kSeccomp, "filters of system calls",
                          "a kernel with CONFIG_SECCOMP_FILTER"));
  facts.push_back(of_part(lane, lane::part::kNotification, "workers are forked from a loaded lane",
                          "Linux 5.5 (gVisor has none): without it each worker loads its plugins "
                          "anew"));
  facts.push_back(of_part(lane, lane::part::kNetworkNamespace, "an empty one for plugins",
                          "CAP_SYS_ADMIN; without it seccomp alone refuses sockets"));
  add_capabilities(facts);
  facts.push_back(openat2_fact());
  add_container_facts(host_root, facts);
  facts.push_back(host_root_fact(host_root));
  facts.push_back(procfs_fact(host_root));
  facts.push_back(fact("plugin sandbox", lane.is_full(), lane.text(),
                       "what is named above; --require-sandbox full refuses to scan with less"));
  // Landlock's third ABI is the first that knows of truncation.
  const bool writes = lane::landlock_abi() >= 3;
  facts.push_back(fact("host confinement", host.is_full() && writes,
                       writes ? host.text()
                              : "writing is not confined (Landlock ABI " +
                                    std::to_string(lane::landlock_abi()) + ")",
                       "Linux 6.2 with landlock among its lsm="));
  return facts;
}

}  // namespace meridian::cli
