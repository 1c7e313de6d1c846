// SPDX-License-Identifier: Apache-2.0
//
// diagnosis.hpp: what Meridian can do in the environment that was seen, and why not more. Pure.
#pragma once

#include <string>
#include <vector>

#include "environment/observed.hpp"

namespace meridian::environment {

enum class State {
  kWorks,
  kOff,          // nobody asked for it, or there is nothing for it to look at
  kDegraded,     // less than there is
  kUnavailable,  // nothing
  kTooMuch,      // granted, and used by nothing
};
const char* to_text(State state);  // "works", "off", "degraded", "unavailable", "too much"

/// Each with its name and mend in mends.cpp.
enum class Cause {
  kNone,
  kHostRootMissing,
  kHostRootNotMounted,
  kHostRootNotRecursive,
  kHostRootPrivate,
  kMountNotSeen,
  kNoStore,
  kStoreRefused,
  kNoDacReadSearch,
  kNoSysAdmin,
  kNoSysPtrace,
  kTracingRefused,
  kUserNamespace,
  kAppArmor,
  kSelinux,
  kNoProcfs,
  kProcfsHidden,
  kAttributesRefused,
  kOpenat2Refused,
  kOpenat2Missing,
  kSandboxPartial,
  kNoLandlock,
  kNoCache,
  kNoScratch,
  kPluginCapability,
  kPluginHostNetwork,
  kPluginHostPid,
  kPluginNetwork,
  kPluginNeedUnknown,
  kPluginData,
  kPrivileged,
  kExtraCapabilities,
  kHostRootWritable,
  kSubmountsWritable,
  kContainerWritable,
  kNewPrivileges,
  kNoSeccomp,
  kOpenByHandle,
  kHostNetwork,
  kHostPid,
  kNetwork,
  kEngineSocket,
  kNoState,
  kReportRefused,
  kNoMemoryLimit,
  kNoProcessLimit,
  kNoProcessorLimit,
};

struct Diagnosis {
  std::string feature;  // one of the names below, or "plugin ID"
  State state = State::kWorks;
  Cause cause = Cause::kNone;
  std::string observed;  // for people, escaped
  std::string argument;  // of the mend: a capability, a path; escaped
};

namespace feature {
inline constexpr const char* kListImages = "list images";
inline constexpr const char* kReadLayers = "read layers";
inline constexpr const char* kOpaqueDirectories = "opaque directories";
inline constexpr const char* kWritableLayers = "writable layers";
inline constexpr const char* kSpecs = "specs";
inline constexpr const char* kRunningState = "running state";
inline constexpr const char* kProcesses = "processes";
inline constexpr const char* kFileCapabilities = "file capabilities";
inline constexpr const char* kSandbox = "plugin sandbox";
inline constexpr const char* kConfinement = "host confinement";
inline constexpr const char* kCache = "cache";
inline constexpr const char* kQuarantine = "quarantine";
inline constexpr const char* kReport = "report";
inline constexpr const char* kScratch = "scratch";
inline constexpr const char* kLeastPrivilege = "least privilege";
}  // namespace feature

/// Feature by feature in the order above, each with its causes or one entry that it works; what is
/// too much last, only of a container. The same for the same facts.
std::vector<Diagnosis> diagnose(const Observed& seen);

/// In a container that looks at a mount of its machine's root.
bool is_parallel_container(const Observed& seen);

}  // namespace meridian::environment
