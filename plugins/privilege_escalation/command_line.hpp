// SPDX-License-Identifier: Apache-2.0
//
// command_line.hpp: which programs a line of a crontab, a unit or an entry point starts, as far as
// that can be read without running a shell.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::privilege_escalation {

constexpr std::size_t kMaxJobs = 2000;  // of one file

/// Programs and scripts in the order of the line: absolute paths and bare names, also behind env,
/// nice, flock, an interpreter or `sh -c`. Nothing is expanded: a word with `$` is left out.
std::vector<std::string> programs_of(std::string_view command);

struct CronJob {
  std::string user;  // empty: the file's owner
  std::string command;
};

/// crontab(5); `with_user`: lines have a user's name, as /etc/crontab and cron.d have.
std::vector<CronJob> parse_crontab(std::string_view text, bool with_user);

struct UnitCommand {
  bool as_root = true;
  std::string line;
};

/// What a service's Exec* lines run (systemd.service(5)), continued lines joined.
std::vector<UnitCommand> parse_unit(std::string_view text);

}  // namespace meridian::privilege_escalation
