// SPDX-License-Identifier: Apache-2.0
//
// Claims about each cause: from an environment that has all, one thing is taken, and exactly what
// depends on it is said, with its mend.
#include "environment/diagnosis.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <set>

#include "environment/doctor.hpp"
#include "environment/mends.hpp"
#include "environment/own_limits.hpp"
#include "support/catch.hpp"

using namespace meridian::environment;

namespace {

constexpr std::uint64_t bit(unsigned number) { return std::uint64_t{1} << number; }

const std::string kOwn =
    "100 99 0:50 / / ro - overlay overlay rw,upperdir=/var/lib/docker/overlay2/x/diff\n"
    "101 100 0:51 / /proc rw - proc proc rw\n"
    "102 100 0:52 / /tmp rw - tmpfs tmpfs rw\n"
    "110 100 8:1 / /host ro master:1 - ext4 /dev/sda1 rw\n"
    "111 110 0:5 / /host/proc ro master:2 - proc proc rw\n"
    "112 110 0:24 / /host/run ro master:3 - tmpfs tmpfs rw\n"
    "113 110 8:2 / /host/srv ro master:4 - ext4 /dev/sdb rw\n"
    "114 110 8:3 / /host/srv/docker/overlay2 ro master:5 - xfs /dev/sdc rw\n";
const std::string kMachine =
    "27 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
    "28 27 0:5 / /proc rw shared:2 - proc proc rw\n"
    "29 27 0:24 / /run rw shared:3 - tmpfs tmpfs rw\n"
    "30 27 8:2 / /srv rw shared:4 - ext4 /dev/sdb rw\n"
    "31 30 8:3 / /srv/docker/overlay2 rw shared:5 - xfs /dev/sdc rw\n"
    "32 31 0:60 / /srv/docker/overlay2/x/merged rw - overlay overlay rw\n"
    "33 30 0:61 / /srv/docker/containers/x/mounts/shm rw - tmpfs shm rw\n";

void set_mounts(Observed& seen, const std::string& text) {
  seen.mounts = meridian::store::parse_mount_details(text);
}

/// The lines of `text` that do not hold `part`.
std::string without(const std::string& text, const std::string& part) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    const std::string line = text.substr(at, end - at);
    if (line.find(part) == std::string::npos) kept += line;
    at = end;
  }
  return kept;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

meridian::lane::SandboxLevel level(const std::string& reason) {
  meridian::lane::SandboxLevel made;
  made.add({meridian::lane::part::kSeccomp, "", true});
  made.add({meridian::lane::part::kLandlock, reason, true});
  return made;
}

/// Beside a docker whose data root and layers are file systems of their own: all works.
Observed whole() {
  Observed seen;
  seen.container.inside = true;
  seen.container.engine = "docker";
  seen.container.evidence = {"test"};
  set_mounts(seen, kOwn);
  seen.before = {2, true, EPERM};
  seen.capabilities = bit(CAP_DAC_READ_SEARCH) | bit(CAP_SYS_ADMIN) | bit(CAP_SYS_PTRACE);
  seen.last_capability = CAP_LAST_CAP;
  seen.reads_trusted = true;
  seen.landlock_abi = 7;
  seen.scratch_folder = "/tmp";
  seen.root = "/host";
  seen.has_procfs = seen.has_proc_mount = seen.knows_machine = true;
  seen.machine_mounts = meridian::store::parse_mount_details(kMachine);
  seen.stores = {{"/srv/docker", "/srv/docker", "", false},
                 {"/var/lib/docker", "", "no store is there", false}};
  seen.cache = {"/var/cache/meridian", 0};
  seen.state = {"/var/lib/meridian", 0};
  seen.report = "/report/report.json";
  seen.lane = level("");
  seen.confinement = level("");
  return seen;
}

void lose_store(Observed& seen) { seen.stores[0].problem = "nothing there"; }

struct Case {
  Cause cause;
  const char* feature;
  State state;
  std::function<void(Observed&)> change;
  const char* words;  // of what was observed
};

const std::vector<Case>& cases() {
  using namespace feature;
  static const std::vector<Case> all = {
      {Cause::kHostRootMissing, kListImages, State::kUnavailable,
       [](Observed& s) { s.root_error = "/host: no such file or directory"; }, "no such file"},
      {Cause::kHostRootNotMounted, kListImages, State::kUnavailable,
       [](Observed& s) { set_mounts(s, without(kOwn, "/host")), lose_store(s); },
       "nothing is mounted there"},
      {Cause::kHostRootNotMounted, kProcesses, State::kUnavailable,
       [](Observed& s) { s.root = "/", lose_store(s); }, "the container's own"},
      {Cause::kHostRootNotRecursive, kListImages, State::kUnavailable,
       [](Observed& s) { set_mounts(s, without(kOwn, "/host/")), lose_store(s); }, "/srv"},
      {Cause::kHostRootNotRecursive, kProcesses, State::kUnavailable,
       [](Observed& s) {
         set_mounts(s, without(kOwn, "/host/")), s.has_procfs = s.has_proc_mount = false;
       },
       "/host/proc is an empty folder"},
      {Cause::kHostRootNotRecursive, kSpecs, State::kDegraded,
       [](Observed& s) { set_mounts(s, without(kOwn, "/host/")); }, "/run"},
      {Cause::kHostRootPrivate, kListImages, State::kDegraded,
       [](Observed& s) { set_mounts(s, replaced(kOwn, " master:1", "")); }, "mounts later"},
      {Cause::kMountNotSeen, kListImages, State::kUnavailable,
       [](Observed& s) { set_mounts(s, without(kOwn, "/host/srv")), lose_store(s); }, "/host/srv"},
      {Cause::kMountNotSeen, kReadLayers, State::kDegraded,
       [](Observed& s) { set_mounts(s, without(kOwn, "/host/srv/docker")); },
       "/host/srv/docker/overlay2"},
      {Cause::kMountNotSeen, kWritableLayers, State::kDegraded,
       [](Observed& s) { set_mounts(s, without(kOwn, "/host/srv/docker")); },
       "/host/srv/docker/overlay2"},
      {Cause::kMountNotSeen, kSpecs, State::kDegraded,
       [](Observed& s) { set_mounts(s, replaced(kOwn, "0:24", "0:99")); }, "/run"},
      {Cause::kNoStore, kListImages, State::kUnavailable, lose_store,
       "/srv/docker, /var/lib/docker"},
      {Cause::kStoreRefused, kListImages, State::kUnavailable,
       [](Observed& s) { lose_store(s), s.stores[0].refused = true; }, "nothing there"},
      {Cause::kNoDacReadSearch, kListImages, State::kUnavailable,
       [](Observed& s) { lose_store(s), s.stores[0].refused = true, s.capabilities = 0; },
       "DAC_READ_SEARCH"},
      {Cause::kNoDacReadSearch, kReadLayers, State::kDegraded,
       [](Observed& s) { s.capabilities = bit(CAP_SYS_ADMIN); }, "DAC_READ_SEARCH"},
      {Cause::kNoSysAdmin, kOpaqueDirectories, State::kDegraded,
       [](Observed& s) { s.reads_trusted = false, s.capabilities = bit(CAP_DAC_READ_SEARCH); },
       "tar-split"},
      {Cause::kUserNamespace, kOpaqueDirectories, State::kDegraded,
       [](Observed& s) { s.reads_trusted = s.first_user_namespace = false; }, "user namespace"},
      {Cause::kUserNamespace, kReadLayers, State::kDegraded,
       [](Observed& s) { s.maps_every_user = false; }, "user namespace"},
      {Cause::kNoSysPtrace, kProcesses, State::kDegraded,
       [](Observed& s) {
         s.first_process_error = EACCES, s.capabilities = bit(CAP_DAC_READ_SEARCH);
       },
       "CAP_SYS_PTRACE is not held"},
      {Cause::kTracingRefused, kProcesses, State::kDegraded,
       [](Observed& s) { s.first_process_error = EACCES; }, "CAP_SYS_PTRACE is held"},
      {Cause::kAppArmor, kProcesses, State::kDegraded,
       [](Observed& s) { s.first_process_error = EACCES, s.label = "docker-default (enforce)"; },
       "docker-default"},
      {Cause::kSelinux, kListImages, State::kUnavailable,
       [](Observed& s) {
         lose_store(s), s.stores[0].refused = true,
                        s.label = "system_u:system_r:container_t:s0:c1,c2";
       },
       "container_t"},
      {Cause::kNoProcfs, kProcesses, State::kUnavailable,
       [](Observed& s) { s.has_procfs = s.has_proc_mount = false; }, "/host/proc"},
      {Cause::kNoProcfs, kRunningState, State::kDegraded,
       [](Observed& s) { s.has_procfs = s.has_proc_mount = false; }, "recorded"},
      {Cause::kProcfsHidden, kProcesses, State::kUnavailable,
       [](Observed& s) { s.has_procfs = false; }, "hidepid"},
      {Cause::kAttributesRefused, kFileCapabilities, State::kDegraded,
       [](Observed& s) { s.attribute_error = EPERM; }, "EPERM"},
      {Cause::kOpenat2Refused, kReadLayers, State::kDegraded,
       [](Observed& s) { s.openat2_error = EPERM; }, "EPERM"},
      {Cause::kOpenat2Missing, kReadLayers, State::kDegraded,
       [](Observed& s) { s.openat2_error = ENOSYS, s.container.is_gvisor = true; }, "ENOSYS"},
      {Cause::kSandboxPartial, kSandbox, State::kDegraded,
       [](Observed& s) { s.lane = level("why"); }, "why"},
      {Cause::kNoLandlock, kConfinement, State::kDegraded, [](Observed& s) { s.landlock_abi = 2; },
       "ABI 2"},
      {Cause::kNoCache, kCache, State::kDegraded, [](Observed& s) { s.cache.error = EROFS; },
       "EROFS"},
      {Cause::kNoScratch, kScratch, State::kDegraded, [](Observed& s) { s.scratch_error = EROFS; },
       "/tmp"},
      {Cause::kNoState, kQuarantine, State::kDegraded, [](Observed& s) { s.state.error = EROFS; },
       "EROFS"},
      {Cause::kReportRefused, kReport, State::kUnavailable,
       [](Observed& s) { s.report_error = "/report: read-only"; }, "read-only"},
      {Cause::kNoSysPtrace, "plugin org.x", State::kDegraded,
       [](Observed& s) {
         s.first_process_error = EACCES, s.capabilities = bit(CAP_DAC_READ_SEARCH);
         s.plugins = {{"org.x", {"processes"}}};
       },
       "declares that it needs processes; CAP_SYS_PTRACE is not held"},
      {Cause::kNoSysAdmin, "plugin org.x", State::kDegraded,
       [](Observed& s) {
         s.reads_trusted = false, s.capabilities = bit(CAP_DAC_READ_SEARCH);
         s.plugins = {{"org.x", {"opaque-directories"}}};
       },
       "CAP_SYS_ADMIN is not held"},
      {Cause::kPluginCapability, "plugin org.x", State::kDegraded,
       [](Observed& s) {
         s.plugins = {{"org.x", {"CAP_NET_RAW"}}};
       },
       "CAP_NET_RAW"},
      {Cause::kPluginHostNetwork, "plugin org.x", State::kDegraded,
       [](Observed& s) {
         s.plugins = {{"org.x", {"host-network"}}};
       },
       "host-network"},
      {Cause::kPluginHostPid, "plugin org.x", State::kDegraded,
       [](Observed& s) {
         s.plugins = {{"org.x", {"host-pid"}}};
       },
       "host-pid"},
      {Cause::kPluginNetwork, "plugin org.x", State::kDegraded,
       [](Observed& s) {
         s.plugins = {{"org.x", {"network"}}};
       },
       "network"},
      {Cause::kPluginNeedUnknown, "plugin org.x", State::kDegraded,
       [](Observed& s) {
         s.plugins = {{"org.x", {"a\nb"}}};
       },
       "a\\x0ab"},
      {Cause::kPluginData, "plugin org.x", State::kDegraded,
       [](Observed& s) {
         s.plugins = {{"org.x", {}, {"is there"}, {"a\nb is not there"}}};
       },
       "a\\x0ab is not there"},
      {Cause::kPrivileged, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.capabilities = bit(CAP_LAST_CAP + 1) - 1; }, "every capability"},
      {Cause::kExtraCapabilities, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.capabilities |= bit(CAP_NET_RAW) | bit(CAP_CHOWN); }, "CHOWN NET_RAW"},
      {Cause::kHostRootWritable, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { set_mounts(s, replaced(kOwn, "/host ro", "/host rw")); },
       "/host is writable"},
      {Cause::kSubmountsWritable, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { set_mounts(s, replaced(kOwn, "/host/run ro", "/host/run rw")); },
       "/host/run"},
      {Cause::kContainerWritable, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { set_mounts(s, replaced(kOwn, " / / ro - overlay", " / / rw - overlay")); },
       "file system is writable"},
      {Cause::kNewPrivileges, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.before.no_new_privileges = false; }, "setuid"},
      {Cause::kNoSeccomp, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.before.seccomp_mode = 0; }, "no filter"},
      {Cause::kOpenByHandle, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.before.open_by_handle_errno = EBADF; }, "open_by_handle_at"},
      {Cause::kHostNetwork, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.shares_network = true; }, "network"},
      {Cause::kHostPid, kLeastPrivilege, State::kTooMuch, [](Observed& s) { s.shares_pids = true; },
       "process ids"},
      {Cause::kNetwork, kLeastPrivilege, State::kTooMuch, [](Observed& s) { s.has_network = true; },
       "network"},
      {Cause::kEngineSocket, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) {
         set_mounts(s, kOwn + "115 100 0:24 /docker.sock /run/x.sock rw - tmpfs tmpfs rw\n");
       },
       "/run/x.sock"},
      {Cause::kNoMemoryLimit, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.unlimited.memory = true; }, "memory"},
      {Cause::kNoProcessLimit, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.unlimited.processes = true; }, "processes"},
      {Cause::kNoProcessorLimit, kLeastPrivilege, State::kTooMuch,
       [](Observed& s) { s.unlimited.processors = true; }, "processor"},
  };
  return all;
}

const Diagnosis* find(const std::vector<Diagnosis>& entries, const Case& one) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Diagnosis& entry) {
    return entry.cause == one.cause && entry.feature == one.feature;
  });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("diagnosis: where all is given, all works and nothing is too much") {
  const auto entries = diagnose(whole());
  for (const Diagnosis& entry : entries) {
    INFO(entry.feature << ": " << entry.observed);
    CHECK(entry.state == State::kWorks);
    CHECK(entry.cause == Cause::kNone);
  }
  CHECK(entries.size() == 14);
  CHECK_FALSE(is_anything_unavailable(entries));
  CHECK(is_parallel_container(whole()));
}

TEST_CASE("diagnosis: each cause is said of its feature, with what was seen and a mend") {
  for (const Case& one : cases()) {
    Observed seen = whole();
    one.change(seen);
    const auto entries = diagnose(seen);
    INFO(to_text(one.cause) << " of " << one.feature << "\n" << doctor_text(seen, entries));
    const Diagnosis* const entry = find(entries, one);
    REQUIRE(entry != nullptr);
    CHECK(entry->state == one.state);
    CHECK(entry->observed.find(one.words) != std::string::npos);
    CHECK_FALSE(mend_for(seen.container, *entry).empty());
    if (one.state == State::kUnavailable) CHECK(is_anything_unavailable(entries));
    const auto lines = scan_lines(seen.container, entries);
    CHECK(lines.empty() == (one.state == State::kTooMuch));
    CHECK_FALSE(report_entries(seen.container, entries).empty());
  }
}

TEST_CASE(
    "diagnosis: every cause has a case above, a name of its own and no open place in a mend") {
  std::set<std::string> names;
  for (int i = 1; i <= static_cast<int>(Cause::kNoProcessorLimit); ++i) {
    const auto cause = static_cast<Cause>(i);
    INFO(i << " " << to_text(cause));
    CHECK(std::string(to_text(cause)) != "");
    CHECK(names.insert(to_text(cause)).second);
    CHECK(std::any_of(cases().begin(), cases().end(),
                      [&](const Case& one) { return one.cause == cause; }));
    const Mend mend = mend_of({"f", State::kDegraded, cause, "", "/host"});
    CHECK((mend.machine + mend.docker + mend.compose + mend.kubernetes).find('%') ==
          std::string::npos);
  }
}

TEST_CASE("diagnosis: what a plugin declares is not too much") {
  Observed seen = whole();
  seen.capabilities |= bit(CAP_NET_RAW);
  seen.shares_network = seen.shares_pids = true;
  seen.plugins = {{"org.x", {"CAP_NET_RAW", "host-network", "host-pid", "processes"}}};
  for (const Diagnosis& entry : diagnose(seen)) CHECK(entry.state == State::kWorks);
}

TEST_CASE(
    "diagnosis: outside of a container nothing is too much, and another root has no processes") {
  Observed seen = whole();
  seen.container = {};
  seen.before = {0, false, EBADF};
  seen.root = "/srv/disk";
  seen.has_procfs = seen.has_proc_mount = seen.knows_machine = false;
  seen.machine_mounts.clear();
  const auto entries = diagnose(seen);
  CHECK(scan_lines(seen.container, entries).empty());
  CHECK(report_entries(seen.container, entries).empty());
  CHECK_FALSE(is_parallel_container(seen));
}

TEST_CASE("diagnosis: where only archives are read, the machine is not judged") {
  Observed seen = whole();
  seen.container = {};
  seen.root.clear();
  const auto entries = diagnose(seen);
  CHECK(std::count_if(entries.begin(), entries.end(),
                      [](const Diagnosis& entry) { return entry.state == State::kOff; }) == 8);
  CHECK(scan_lines(seen.container, entries).empty());
}

TEST_CASE("diagnosis: a store at one place is enough; a mount elsewhere is nobody's") {
  Observed seen = whole();
  seen.machine_mounts = meridian::store::parse_mount_details(
      kMachine +
      "34 27 8:9 / /var rw shared:9 - ext4 /dev/sdd rw\n35 27 8:8 / /home rw - ext4 /dev/sde rw\n");
  CHECK(scan_lines(seen.container, diagnose(seen)).empty());
}

TEST_CASE("diagnosis: a mount that another covers is not writable, nor is what lies in it") {
  Observed seen = whole();
  const std::string covered = replaced(replaced(kOwn, "/host/proc ro", "/host/proc rw") +
                                           "120 111 0:70 / /host/proc/sys/fs rw - bin x rw\n" +
                                           "121 111 0:5 / /host/proc ro - proc proc rw\n",
                                       "/host/run ro", "/host/run rw");
  set_mounts(seen, covered);
  const Case one{Cause::kSubmountsWritable, feature::kLeastPrivilege, State::kTooMuch, nullptr, ""};
  auto entries = diagnose(seen);
  REQUIRE(find(entries, one) != nullptr);
  CHECK(find(entries, one)->observed.find("1 mounts below /host are writable (/host/run)") == 0);
  // Without the cover both count.
  set_mounts(seen, without(covered, "121 111"));
  entries = diagnose(seen);
  CHECK(find(entries, one)->observed.find("3 mounts") == 0);
  // A circle of ids ends.
  set_mounts(seen, "1 2 8:1 / /host ro - ext4 x rw\n2 1 8:1 / /host/a rw - ext4 x rw\n");
  CHECK(find(diagnose(seen), one) != nullptr);
}

TEST_CASE("diagnosis: who gave up writing misses no openat2, which the same filter refuses") {
  Observed seen = whole();
  seen.openat2_error = ENOSYS;
  seen.before.gave_up_writing = true;
  CHECK(scan_lines(seen.container, diagnose(seen)).empty());
}

TEST_CASE("diagnosis: the folder of the own control group") {
  const auto mounts = [](const std::string& text) {
    return meridian::store::parse_mount_details(text);
  };
  const std::string first =
      "40 30 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
      "41 30 0:31 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n";
  const std::string groups = "12:memory:/docker/abc\n11:cpu,cpuacct:/docker/abc/in\n0::/x\n";
  CHECK(group_folder("memory", groups, mounts(first)) == "/sys/fs/cgroup/memory");
  CHECK(group_folder("cpu", groups, mounts(first)) == "/sys/fs/cgroup/cpu,cpuacct/in");
  CHECK_FALSE(group_folder("pids", groups, mounts(first)));
  CHECK_FALSE(group_folder("memory", "12:memory:/other\n", mounts(first)));
  const std::string second = "40 30 0:30 / /sys/fs/cgroup ro - cgroup2 cgroup rw,nsdelegate\n";
  CHECK(group_folder("pids", "0::/\n", mounts(second)) == "/sys/fs/cgroup");
  CHECK(group_folder("pids", "0::/a/b\n", mounts(second)) == "/sys/fs/cgroup/a/b");
  CHECK_FALSE(
      group_folder("pids", "0::/../x\n", mounts(replaced(second, "0:30 /", "0:30 /docker/x"))));
  CHECK_FALSE(group_folder("pids", "no colons\n", mounts(second)));
}
