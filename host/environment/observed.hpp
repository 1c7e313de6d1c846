// SPDX-License-Identifier: Apache-2.0
//
// observed.hpp: what was seen of the environment, as values; diagnose() judges it without looking
// again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "environment/container.hpp"
#include "lane/sandbox_level.hpp"
#include "store/procfs/mount_table.hpp"

namespace meridian::environment {

/// What only shows before the host confines itself (cli/confine.hpp): its own filter refuses
/// open_by_handle_at, and makes every process look filtered.
struct BeforeConfinement {
  int seccomp_mode = -1;  // of /proc/self/status: 0 none, 2 filter; -1: not known
  bool no_new_privileges = false;
  /// Of open_by_handle_at with a handle that cannot be right: EPERM or ENOSYS if it is refused.
  int open_by_handle_errno = 0;
  bool gave_up_writing = false;  // MERIDIAN_WRITES=none
};

/// A place where an engine keeps images, or is said to.
struct StorePlace {
  std::string path;      // as announced, on the scanned machine
  std::string resolved;  // its links followed; empty: it is not there
  std::string problem;   // why it is no store; empty: it is one
  bool refused = false;  // of the problem: the system refused to look
};

struct PluginNeed {
  std::string plugin;
  std::vector<std::string> privileges;  // of its manifest
  /// Of doctor: databases that it asks for, a line for people each; and what it lacks of them.
  std::vector<std::string> data = {}, lacking_data = {};
};

/// A folder in which something is kept between scans.
struct KeptFolder {
  std::string folder;  // empty: switched off, or there is no usual place
  int error = 0;       // errno of trying to write there
};

/// What this process's control group lets it take without end. False: bounded, or not to be seen.
struct Unlimited {
  bool memory = false, processes = false, processors = false;
};

struct Observed {
  Container container;
  std::vector<store::MountDetails> mounts;  // this process's
  BeforeConfinement before;

  std::uint64_t capabilities = 0;  // effective, bit by number
  unsigned last_capability = 0;    // of this kernel
  bool first_user_namespace = true;
  bool maps_every_user = true;  // of /proc/self/uid_map
  bool reads_trusted = false;   // trusted.* attributes
  std::string label;            // of AppArmor or SELinux; empty: none
  int landlock_abi = 0;         // 0: there is none
  int openat2_error = 0;
  int scratch_error = 0;  // of an unnamed file in the scratch folder
  std::string scratch_folder;

  /// The scanned machine's root, as a directory of this process. Empty: only archives are scanned,
  /// and nothing below is known.
  std::string root;
  std::string root_error;       // why it cannot be opened
  int attribute_error = 0;      // of reading security.capability there; ENODATA is none
  bool has_procfs = false;      // its first process is there
  bool has_proc_mount = false;  // a procfs is, whatever it shows
  int first_process_error = 0;  // of reading /proc/1/exe, which a tracer may
  bool knows_machine = false;   // the first process's mounts could be read
  std::vector<store::MountDetails> machine_mounts;
  bool shares_pids = false;     // our first process is the machine's
  bool shares_network = false;  // as far as a listening socket of both shows
  bool has_network = false;     // an interface but lo
  std::vector<StorePlace> stores;

  KeptFolder cache, state;
  std::string report;        // the file that --report names; empty: none
  std::string report_error;  // why it cannot be written
  Unlimited unlimited;
  std::vector<PluginNeed> plugins;
  /// Of doctor alone, which tries them; a scan's report has its own.
  std::optional<lane::SandboxLevel> lane, confinement;
};

}  // namespace meridian::environment
