// SPDX-License-Identifier: Apache-2.0
#include "environment/diagnosis.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/escape.hpp"
#include "environment/judgement.hpp"
#include "environment/mount_view.hpp"
#include "model/capabilities.hpp"
#include "plugin/manifest.hpp"

namespace meridian::environment {

namespace {

using Where = MountView::Where;

struct Fault {
  Cause cause = Cause::kNone;
  std::string observed, argument;
};

/// Judges one set of facts; entries come in the order of the calls.
class Judge {
 public:
  explicit Judge(const Observed& seen)
      : seen_(seen),
        mounts_(seen),
        root_name_(base::escape(seen.root == "/" || seen.root.empty() ? "/host" : seen.root)) {}

  void stores();
  void containers();
  void processes();
  void own();
  void plugins();
  std::vector<Diagnosis> take() { return std::move(entries_); }

 private:
  void add(const char* feature, State state, const Fault& fault) {
    entries_.push_back({feature, state, fault.cause, fault.observed, fault.argument});
  }
  /// That it works, if nothing else was said of it.
  void settle(const std::string& feature, const std::string& observed);
  bool add_root_fault(const char* feature);
  std::optional<Fault> root_fault() const;
  std::optional<Fault> unseen_fault(const std::vector<std::string>& points) const;
  Fault refusal(const std::string& what) const;
  void list_images();
  void reading(const char* feature);
  void openat2();
  void opaque_directories();
  std::optional<Fault> procfs_fault() const;
  /// A disk or an unpacked folder, not a machine that runs.
  bool is_offline() const {
    if (seen_.root == "/") return false;
    return !seen_.container.inside ||
           (mounts_.host_root() == nullptr && !mounts_.has_mounts_below());
  }
  bool has_store() const {
    return std::any_of(seen_.stores.begin(), seen_.stores.end(),
                       [](const StorePlace& place) { return place.problem.empty(); });
  }
  void plugin(const PluginNeed& need, const std::string& privilege);

  const Observed& seen_;
  MountView mounts_;
  std::string root_name_;
  std::vector<Diagnosis> entries_;
};

void Judge::settle(const std::string& feature, const std::string& observed) {
  const bool said = std::any_of(entries_.begin(), entries_.end(),
                                [&](const Diagnosis& entry) { return entry.feature == feature; });
  if (!said) entries_.push_back({feature, State::kWorks, Cause::kNone, observed, ""});
}

std::optional<Fault> Judge::root_fault() const {
  if (!seen_.root_error.empty()) {
    return Fault{Cause::kHostRootMissing, seen_.root_error, root_name_};
  }
  if (!seen_.container.inside || has_store()) return std::nullopt;
  if (seen_.root == "/") {
    return Fault{Cause::kHostRootNotMounted,
                 "the host root is the container's own, and no engine is in it", root_name_};
  }
  if (mounts_.host_root() == nullptr && !mounts_.has_mounts_below()) {
    return Fault{Cause::kHostRootNotMounted,
                 root_name_ + " is a folder of the container, nothing is mounted there",
                 root_name_};
  }
  return std::nullopt;
}

/// What makes a feature that looks below the host root see nothing.
bool Judge::add_root_fault(const char* feature) {
  if (seen_.root.empty()) {
    add(feature, State::kOff, {Cause::kNone, "only archives and directories are read", ""});
    return true;
  }
  const auto fault = root_fault();
  if (fault) add(feature, State::kUnavailable, *fault);
  return fault.has_value();
}

std::optional<Fault> Judge::unseen_fault(const std::vector<std::string>& points) const {
  if (points.empty()) return std::nullopt;
  const std::string& point = points.back();
  std::string observed = "the machine has a file system at " + base::escape(point) + ", " +
                         root_name_ + base::escape(point) + " is the folder below it";
  if (!mounts_.has_mounts_below()) {
    return Fault{Cause::kHostRootNotRecursive, std::move(observed), root_name_};
  }
  return Fault{Cause::kMountNotSeen, std::move(observed), root_name_};
}

/// Why the system would not let a process look that has the capability.
Fault Judge::refusal(const std::string& what) const {
  if (!holds(seen_, CAP_DAC_READ_SEARCH) && !holds(seen_, CAP_DAC_OVERRIDE)) {
    return {Cause::kNoDacReadSearch, what + "; CAP_DAC_READ_SEARCH is not held", ""};
  }
  if (!seen_.first_user_namespace) {
    return {Cause::kUserNamespace,
            what + "; capabilities of a user namespace do not reach the machine's files", ""};
  }
  if (seen_.label.find(':') != std::string::npos) {
    return {Cause::kSelinux, what + "; SELinux label " + base::escape(seen_.label), ""};
  }
  if (!seen_.label.empty()) {
    return {Cause::kAppArmor, what + "; AppArmor profile " + base::escape(seen_.label), ""};
  }
  return {Cause::kStoreRefused, what, ""};
}

void Judge::list_images() {
  if (add_root_fault(feature::kListImages)) return;
  for (const StorePlace& place : seen_.stores) {
    const bool found = place.problem.empty();
    const std::string& path = place.resolved.empty() ? place.path : place.resolved;
    auto fault = unseen_fault(mounts_.unseen(path, Where::kCovers));
    // A place that holds no store anyway is not missed, once there is one.
    if (fault && !found && has_store()) fault.reset();
    if (!fault && place.refused) fault = refusal(place.problem);
    if (!fault) continue;
    add(feature::kListImages, has_store() ? State::kDegraded : State::kUnavailable, *fault);
    break;
  }
  if (entries_.empty() && !has_store()) {
    std::string places;
    for (const StorePlace& place : seen_.stores) {
      places += (places.empty() ? "" : ", ") + base::escape(place.path);
    }
    const bool shallow = mounts_.is_judgeable() && !mounts_.has_mounts_below();
    add(feature::kListImages, State::kUnavailable,
        {shallow ? Cause::kHostRootNotRecursive : Cause::kNoStore, "no engine's store at " + places,
         root_name_});
  } else if (entries_.empty() && mounts_.is_judgeable()) {
    if (!mounts_.has_mounts_below()) {
      add(feature::kListImages, State::kDegraded,
          {Cause::kHostRootNotRecursive,
           "no file system is mounted below " + root_name_ + ", a machine has some", root_name_});
    } else if (!mounts_.host_root()->receives) {
      add(feature::kListImages, State::kDegraded,
          {Cause::kHostRootPrivate,
           root_name_ + " is private: what the machine mounts later is not seen", root_name_});
    }
  }
  std::string found;
  for (const StorePlace& place : seen_.stores) {
    if (place.problem.empty()) found += (found.empty() ? "" : ", ") + base::escape(place.path);
  }
  settle(feature::kListImages, found);
}

/// Files that only their owner may read, in image layers and in writable ones.
void Judge::reading(const char* feature) {
  if (add_root_fault(feature)) return;
  if (!holds(seen_, CAP_DAC_READ_SEARCH) && !holds(seen_, CAP_DAC_OVERRIDE)) {
    add(feature, State::kDegraded,
        {Cause::kNoDacReadSearch,
         "CAP_DAC_READ_SEARCH is not held: files that others may not read are gaps", ""});
  } else if (!seen_.first_user_namespace || !seen_.maps_every_user) {
    add(feature, State::kDegraded,
        {Cause::kUserNamespace,
         "a user namespace: capabilities do not reach files of users that it does not map", ""});
  }
  for (const StorePlace& place : seen_.stores) {
    if (!place.problem.empty()) continue;
    if (const auto fault = unseen_fault(mounts_.unseen(place.resolved, Where::kBelow))) {
      add(feature, State::kDegraded, *fault);
    }
  }
}

void Judge::openat2() {
  if (seen_.root.empty() || root_fault() || seen_.openat2_error == 0) return;
  // The filter that refuses all writing refuses it too: what it opens stands in memory.
  if (seen_.before.gave_up_writing && seen_.openat2_error == ENOSYS) return;
  const std::string observed =
      "openat2: " + lane::reason_of(seen_.openat2_error) +
      "; paths are looked up part by part, which is slower and finds the same";
  const bool filtered = seen_.before.seccomp_mode == 2 && !seen_.container.is_gvisor;
  add(feature::kReadLayers, State::kDegraded,
      {filtered ? Cause::kOpenat2Refused : Cause::kOpenat2Missing, observed, ""});
}

void Judge::opaque_directories() {
  if (add_root_fault(feature::kOpaqueDirectories) || seen_.reads_trusted) return;
  const bool held = holds(seen_, CAP_SYS_ADMIN);
  add(feature::kOpaqueDirectories, State::kDegraded,
      {held ? Cause::kUserNamespace : Cause::kNoSysAdmin,
       std::string(held ? "trusted.* attributes are hidden in a user namespace"
                        : "CAP_SYS_ADMIN is not held, trusted.* attributes are hidden") +
           ": works for image layers whose tar-split the engine kept; in writable layers deleted "
           "directories are gaps",
       ""});
}

void Judge::stores() {
  list_images();
  reading(feature::kReadLayers);
  openat2();
  settle(feature::kReadLayers, "");
  opaque_directories();
  settle(feature::kOpaqueDirectories, "");
}

void Judge::containers() {
  reading(feature::kWritableLayers);
  settle(feature::kWritableLayers, "");
  if (!add_root_fault(feature::kSpecs)) {
    auto fault = unseen_fault(mounts_.unseen("/run", Where::kCovers));
    if (!fault && mounts_.is_judgeable() && !mounts_.has_mounts_below()) {
      fault = Fault{Cause::kHostRootNotRecursive, "no file system is mounted below " + root_name_,
                    root_name_};
    }
    if (fault) {
      fault->observed +=
          ": the runtime's own specs are not seen, they are made of the engine's records";
      add(feature::kSpecs, State::kDegraded, *fault);
    }
  }
  settle(feature::kSpecs, "");
}

std::optional<Fault> Judge::procfs_fault() const {
  if (seen_.has_procfs) return std::nullopt;
  if (seen_.has_proc_mount) {
    return Fault{Cause::kProcfsHidden, root_name_ + "/proc hides the processes of others (hidepid)",
                 ""};
  }
  if (mounts_.is_judgeable() && !mounts_.has_mounts_below()) {
    return Fault{Cause::kHostRootNotRecursive, root_name_ + "/proc is an empty folder", root_name_};
  }
  return Fault{Cause::kNoProcfs, "no procfs of the machine at " + root_name_ + "/proc", root_name_};
}

void Judge::processes() {
  for (const char* const feature : {feature::kRunningState, feature::kProcesses}) {
    if (add_root_fault(feature)) continue;
    const bool all = std::string_view(feature) == feature::kProcesses;
    const auto fault = procfs_fault();
    if (fault && is_offline()) {
      add(feature, State::kOff,
          {Cause::kNone, "not the root of a machine that runs: no processes", ""});
    } else if (fault) {
      add(feature, all ? State::kUnavailable : State::kDegraded,
          {fault->cause, fault->observed + (all ? "" : ": what the engine recorded is believed"),
           fault->argument});
    } else if (all && seen_.first_process_error != 0) {
      const std::string observed =
          "/proc/1/exe: " + lane::reason_of(seen_.first_process_error) +
          ": programs, namespaces and open files of containers' processes are gaps";
      Fault why = refusal(observed);
      if (!holds(seen_, CAP_SYS_PTRACE)) {
        why = {Cause::kNoSysPtrace, "CAP_SYS_PTRACE is not held; " + observed, ""};
      } else if (why.cause == Cause::kStoreRefused || why.cause == Cause::kNoDacReadSearch) {
        why = {Cause::kTracingRefused, "CAP_SYS_PTRACE is held; " + observed, ""};
      }
      add(feature, State::kDegraded, why);
    }
    settle(feature, "");
  }
  if (!add_root_fault(feature::kFileCapabilities) && seen_.attribute_error != 0) {
    add(feature::kFileCapabilities, State::kDegraded,
        {Cause::kAttributesRefused,
         "security.capability: " + lane::reason_of(seen_.attribute_error), ""});
  }
  settle(feature::kFileCapabilities, "");
}

void Judge::own() {
  if (seen_.lane) {
    if (!seen_.lane->is_full()) {
      add(feature::kSandbox, seen_.lane->text() == "none" ? State::kUnavailable : State::kDegraded,
          {Cause::kSandboxPartial, seen_.lane->text(), ""});
    }
    settle(feature::kSandbox, seen_.lane->text());
  }
  constexpr int kTruncationAbi = 3;  // the first that knows of it
  if (seen_.landlock_abi < kTruncationAbi) {
    add(feature::kConfinement, State::kDegraded,
        {Cause::kNoLandlock,
         "writing is not confined (Landlock ABI " + std::to_string(seen_.landlock_abi) + ")", ""});
  } else if (seen_.confinement && !seen_.confinement->is_full()) {
    add(feature::kConfinement, State::kDegraded,
        {Cause::kNoLandlock, seen_.confinement->text(), ""});
  }
  settle(feature::kConfinement, "");
  const std::string folder = base::escape(seen_.cache.folder);
  if (folder.empty()) {
    add(feature::kCache, State::kOff, {Cause::kNone, "no folder", ""});
  } else if (seen_.cache.error != 0) {
    add(feature::kCache, State::kDegraded,
        {Cause::kNoCache,
         folder + ": " + lane::reason_of(seen_.cache.error) + "; every scan reads all anew",
         folder});
  }
  settle(feature::kCache, folder);
  const std::string state = base::escape(seen_.state.folder);
  if (state.empty()) {
    add(feature::kQuarantine, State::kOff, {Cause::kNone, "no folder", ""});
  } else if (seen_.state.error != 0) {
    add(feature::kQuarantine, State::kDegraded,
        {Cause::kNoState,
         state + ": " + lane::reason_of(seen_.state.error) +
             "; a plugin that broke on something meets it again",
         state});
  }
  settle(feature::kQuarantine, state);
  const std::string report = base::escape(seen_.report);
  if (report.empty()) {
    add(feature::kReport, State::kOff, {Cause::kNone, "standard output", ""});
  } else if (!seen_.report_error.empty()) {
    add(feature::kReport, State::kUnavailable,
        {Cause::kReportRefused, seen_.report_error,
         base::escape(seen_.report.substr(0, seen_.report.rfind('/')))});
  }
  settle(feature::kReport, report);
  const std::string scratch = base::escape(seen_.scratch_folder);
  if (seen_.scratch_error != 0) {
    add(feature::kScratch, State::kDegraded,
        {Cause::kNoScratch,
         scratch + ": " + lane::reason_of(seen_.scratch_error) + "; memory is used instead",
         scratch});
  }
  settle(feature::kScratch, scratch);
}

void Judge::plugin(const PluginNeed& need, const std::string& privilege) {
  const std::string name = "plugin " + base::escape(need.plugin);
  const std::string shown = base::escape(privilege);
  Fault fault{Cause::kNone, "declares that it needs " + shown, ""};
  if (const auto number = model::capability_number(privilege)) {
    if (!holds(seen_, static_cast<unsigned>(*number))) fault.cause = Cause::kPluginCapability;
    fault.argument = shown.substr(4);
  } else if (privilege == plugin::privilege::kProcesses ||
             privilege == plugin::privilege::kOpaqueDirectories) {
    const auto lacking =
        std::find_if(entries_.begin(), entries_.end(), [&privilege](const Diagnosis& entry) {
          return entry.feature == (privilege == plugin::privilege::kProcesses
                                       ? feature::kProcesses
                                       : feature::kOpaqueDirectories) &&
                 entry.cause != Cause::kNone;
        });
    if (lacking == entries_.end()) return;
    fault = {lacking->cause, fault.observed + "; " + lacking->observed, lacking->argument};
  } else if (privilege == plugin::privilege::kHostNetwork) {
    if (seen_.container.inside && !seen_.shares_network) fault.cause = Cause::kPluginHostNetwork;
  } else if (privilege == plugin::privilege::kHostPid) {
    if (seen_.container.inside && !seen_.shares_pids) fault.cause = Cause::kPluginHostPid;
  } else if (privilege == plugin::privilege::kNetwork) {
    if (!seen_.has_network) fault.cause = Cause::kPluginNetwork;
  } else {
    fault.cause = Cause::kPluginNeedUnknown;
  }
  if (fault.cause != Cause::kNone) add(name.c_str(), State::kDegraded, fault);
}

void Judge::plugins() {
  for (const PluginNeed& need : seen_.plugins) {
    for (const std::string& privilege : need.privileges) plugin(need, privilege);
    const std::string name = "plugin " + base::escape(need.plugin);
    for (const std::string& lacking : need.lacking_data) {
      add(name.c_str(), State::kDegraded, {Cause::kPluginData, base::escape(lacking), ""});
    }
    std::string found;
    for (const std::string& data : need.data) {
      found += (found.empty() ? "" : "; ") + base::escape(data);
    }
    settle(name, found);
  }
}

}  // namespace

bool holds(const Observed& seen, unsigned capability) {
  return (seen.capabilities >> capability & 1) != 0;
}

const char* to_text(State state) {
  switch (state) {
    case State::kWorks:
      return "works";
    case State::kOff:
      return "off";
    case State::kDegraded:
      return "degraded";
    case State::kUnavailable:
      return "unavailable";
    case State::kTooMuch:
      return "too much";
  }
  return "";
}

bool is_parallel_container(const Observed& seen) {
  return seen.container.inside && seen.root != "/" && !seen.root.empty() &&
         (MountView(seen).host_root() != nullptr || seen.container.is_gvisor);
}

std::vector<Diagnosis> diagnose(const Observed& seen) {
  Judge judge(seen);
  judge.stores();
  judge.containers();
  judge.processes();
  judge.own();
  judge.plugins();
  std::vector<Diagnosis> entries = judge.take();
  for (Diagnosis& one : too_much(seen)) entries.push_back(std::move(one));
  return entries;
}

}  // namespace meridian::environment
