// SPDX-License-Identifier: Apache-2.0
//
// access.hpp: who besides root may change what a path leads to.
//
// By owner, group and mode of the file and of every directory above it: who may write to a
// directory replaces what stands in it. A sticky directory lets nobody replace what is not theirs.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <meridian/target.hpp>

#include "accounts.hpp"

namespace meridian::privilege_escalation {

struct Writer {
  std::string who;  // "everybody", "user app (1000)", "group staff (50): ann, ben"
  std::string at;   // the path, or the directory above it, that they may write to
  bool everybody = false;
};

class Access {
 public:
  using Problem = std::function<void(const std::string&, const Error&)>;
  /// `accounts` outlives it; `problem` is told what could not be looked at.
  Access(Tree tree, const Accounts& accounts, Problem problem)
      : tree_(tree), accounts_(accounts), problem_(std::move(problem)) {}

  /// Who may change the content behind `path`, links followed; nullopt: only root, or it is not
  /// there.
  std::optional<Writer> of_file(std::string_view path);
  /// Who may put further names into a directory, or replace it; a sticky one counts.
  std::optional<Writer> of_folder(std::string_view path);
  /// Who may create the path, which is not there: of_folder() of the last one above that is.
  std::optional<Writer> of_missing(std::string_view path);

  /// Links followed; nullopt: there is nothing.
  std::optional<meridian_stat> stat(std::string_view path);
  std::optional<std::string> resolve(std::string_view path);

 private:
  std::optional<meridian_stat> stat_at(const std::string& path);
  std::optional<Writer> writer(const std::string& path, const meridian_stat& stat) const;
  std::optional<Writer> above(const std::string& path);

  Tree tree_;
  const Accounts& accounts_;
  Problem problem_;
  std::map<std::string, std::optional<meridian_stat>> stats_;
};

/// Without slashes at its start and end, ".", ".." and doubled slashes; never above the root.
std::string relative(std::string_view path);

}  // namespace meridian::privilege_escalation
