// SPDX-License-Identifier: Apache-2.0
//
// sandbox_level.hpp: which parts of the sandbox a process really has, and why the others are
// missing. For reports, doctor and `--require-sandbox full`.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meridian::lane {

/// One thing that was wanted of the environment.
struct SandboxPart {
  std::string name;    // one of the names below
  std::string reason;  // why it is missing, with the errno's name; empty: reached
  /// False: what it refuses is refused by a part that counts, so its absence costs depth alone:
  /// "network namespace" and "landlock network" (seccomp refuses socket), "landlock scopes" and
  /// "user notification" (seccomp refuses to signal others and to fork).
  bool counts = true;
  bool reached() const { return reason.empty(); }
};

namespace part {
inline constexpr const char* kCapabilities = "capabilities";
inline constexpr const char* kNoNewPrivileges = "no-new-privileges";
inline constexpr const char* kNotDumpable = "not dumpable";
inline constexpr const char* kNetworkNamespace = "network namespace";
inline constexpr const char* kLimits = "limits";
inline constexpr const char* kMemoryLimit = "memory limit";
inline constexpr const char* kLandlock = "landlock";
inline constexpr const char* kLandlockNetwork = "landlock network";
inline constexpr const char* kLandlockScopes = "landlock scopes";
inline constexpr const char* kSeccomp = "seccomp";
inline constexpr const char* kNotification = "user notification";
inline constexpr const char* kScratchLimit = "scratch limit";  // only where some is declared
}  // namespace part

class SandboxLevel {
 public:
  /// Every part that counts is reached.
  bool is_full() const;
  /// "full"; "partial: landlock (ENOSYS: this kernel has none)"; "none".
  std::string text() const;
  const std::vector<SandboxPart>& parts() const { return parts_; }
  bool has(std::string_view name) const;
  void add(SandboxPart part) { parts_.push_back(std::move(part)); }

 private:
  std::vector<SandboxPart> parts_;
};

/// "EPERM: operation not permitted"; of ENOSYS "this kernel has none".
std::string reason_of(int error_number);

}  // namespace meridian::lane
