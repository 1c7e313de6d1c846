// SPDX-License-Identifier: Apache-2.0
//
// service_file.hpp: command lines of systemd units, and files of shell-like assignments that init
// scripts and units read (/etc/default/docker).
//
// Pure. Of systemd.service(5) as much as decides what is started: sections, continued lines,
// quotes, a prefix before the program, $NAME and ${NAME}, an empty ExecStart= that drops those
// before it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::store {

/// Words as systemd and a shell split them: quotes, backslashes. An open quote ends with the text.
std::vector<std::string> split_words(std::string_view text);

/// NAME=VALUE lines; comments and "export" are passed over; the last of a name counts.
std::map<std::string, std::string> parse_assignments(std::string_view text);

/// One unit with its drop-ins.
class ServiceFile {
 public:
  /// The unit, then each drop-in in order.
  void add(std::string_view text);

  /// Whether or not the unit starts without them ("-/etc/default/docker").
  const std::vector<std::string>& environment_files() const { return files_; }
  /// What such a file sets; stronger than Environment=.
  void set(const std::map<std::string, std::string>& assignments);

  /// Words of each ExecStart, variables replaced.
  std::vector<std::vector<std::string>> commands() const;

 private:
  void take(std::string_view key, std::string_view value);
  std::string expand(std::string_view word) const;
  const std::string& value_of(std::string_view name) const;

  std::vector<std::string> lines_;  // of ExecStart
  std::vector<std::string> files_;
  std::map<std::string, std::string, std::less<>> environment_;
};

}  // namespace meridian::store
