// SPDX-License-Identifier: Apache-2.0
//
// quarantine.hpp: the quarantine as commands see it: where it is, what a scan heeds, what it adds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "cli/args.hpp"
#include "plugin/quarantine_store.hpp"

namespace meridian::cli {

/// --state, MERIDIAN_STATE, /var/lib/meridian of root, $XDG_STATE_HOME/meridian or
/// ~/.local/state/meridian of others. Nothing: "none" was said, or there is no such place.
std::optional<std::string> state_folder(const GlobalArgs& args);

/// What a command needs on the command line to mean the same folder: "", " --state DIR".
std::string state_options(const GlobalArgs& args);

/// The quarantine of one scan. What goes wrong with it is said in the log and costs no result: then
/// plugins run that might have been kept out.
class ScanQuarantine {
 public:
  /// Reads it, before plugins are loaded. `--quarantine off`: nothing is heeded or remembered.
  ScanQuarantine(const GlobalArgs& global, const ScanArgs& args, const base::Log& log);

  /// What holds for this scan.
  const plugin::Quarantine& held() const { return held_; }
  /// The folder that must stay writable; none: nothing will be written.
  std::vector<std::string> folders() const;
  /// Adds faults; sets created and expires.
  void remember(std::vector<plugin::QuarantineRecord> faults);

 private:
  const base::Log& log_;
  std::chrono::milliseconds term_;
  std::string folder_;
  std::optional<plugin::QuarantineStore> store_;
  std::optional<Error> why_not_;
  plugin::Quarantine held_;
};

}  // namespace meridian::cli
