// SPDX-License-Identifier: Apache-2.0
//
// sudoers.hpp: one sudoers file as values (sudoers(5)). What includes what: sudoers_files.hpp.
//
// Not a checker: a line that sudo would refuse may be read in part, and is then counted as such.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::privilege_escalation {

constexpr std::size_t kMaxSudoersLines = 20000;  // of one file
constexpr std::size_t kMaxSudoItems = 2000;      // of one list

/// "bob", "%wheel", "#1000", "+netgroup", "ALL" or an alias; `negated` by "!".
struct SudoItem {
  std::string text;
  bool negated = false;
};

struct SudoCommand {
  bool negated = false;
  std::string path;  // absolute, a glob, "ALL", "sudoedit", an alias, or "^...$"
  std::string args;  // as written; empty: any, "\"\"": none
  bool nopasswd = false;
  bool setenv = false;
  /// Who it runs as; `runas_given` and both empty: the user itself.
  bool runas_given = false;
  std::vector<SudoItem> runas_users, runas_groups;
};

/// One user specification: users, hosts, commands.
struct SudoGrant {
  std::size_t line = 0;  // from 1
  std::vector<SudoItem> users, hosts;
  std::vector<SudoCommand> commands;
};

struct SudoDefault {
  std::size_t line = 0;
  std::string scope;  // what follows "Defaults": "", ":user", "@host", ">runas", "!command"
  std::string name;   // without "!"
  bool negated = false;
  char sign = '\0';  // '=', '+' (+=), '-' (-=), or none
  std::string value;
};

struct SudoInclude {
  std::string path;
  bool is_folder = false;
};

struct SudoersText {
  std::vector<SudoGrant> grants;
  std::vector<SudoDefault> defaults;
  std::map<std::string, std::vector<SudoItem>> user_aliases, runas_aliases, host_aliases;
  std::map<std::string, std::vector<SudoCommand>> command_aliases;
  std::vector<SudoInclude> includes;
  std::size_t unread_lines = 0;  // of no form known here
};

SudoersText parse_sudoers(std::string_view text);

/// Whether sudo reads a file of this name in an included folder: none with "." or a "~" at its end.
bool is_included_name(std::string_view name);

}  // namespace meridian::privilege_escalation
