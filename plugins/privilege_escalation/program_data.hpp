// SPDX-License-Identifier: Apache-2.0
//
// program_data.hpp: what well-known programs do for who may run them as somebody else, and which
// privileged programs distributions ship. Data: rules/programs.json, rules/expected.json.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

namespace meridian::privilege_escalation {

/// Functions: shell, command, file-read, file-write, library-load, privilege.
struct Program {
  std::vector<std::string> sudo = {};    // run as root with arguments of the user's choice
  std::vector<std::string> setuid = {};  // with the effective user or group alone
  bool sets_uid = false;     // runs code that calls setuid(): what CAP_SETUID is worth in it
  bool interactive = false;  // offers them whatever its arguments are
};

/// A privileged program that belongs to a distribution; `path` is a glob.
struct Expected {
  std::string path;
  std::string package;
};

class ProgramData {
 public:
  /// kCorrupt, naming the entry, if either is not of its form.
  static Result<ProgramData> parse(std::string_view programs, std::string_view expected);

  /// Options of the user: "NAME=sudo:shell,file-read;setuid:shell" or "NAME=none"; and globs.
  /// kInvalid for another form.
  Result<void> add_program(std::string_view text);
  void expect(std::string path) { expected_.push_back({std::move(path), "configuration"}); }

  /// By the file's name; versions and editions count as the program: python3.11, perl5.36.0,
  /// lua5.4, gcc-12, vim.basic, x86_64-linux-gnu-gcc-12. nullptr: not known.
  const Program* find(std::string_view name) const;
  /// nullptr: no distribution is known to ship it there.
  const Expected* expected(std::string_view path) const;

  std::size_t size() const { return programs_.size(); }
  const std::map<std::string, Program, std::less<>>& programs() const { return programs_; }

 private:
  std::map<std::string, Program, std::less<>> programs_;
  std::vector<Expected> expected_;
};

/// "shell, file-read".
std::string joined(const std::vector<std::string>& words);

}  // namespace meridian::privilege_escalation
