// SPDX-License-Identifier: Apache-2.0
#include "access.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "program_data.hpp"

namespace meridian::privilege_escalation {
namespace {

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

std::string relative(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      out.resize(out.find('/') == std::string::npos ? 0 : out.rfind('/'));
      continue;
    }
    out.append(out.empty() ? "" : "/").append(part);
  }
  return out;
}

std::optional<std::string> Access::resolve(std::string_view path) {
  const std::string name = relative(path);
  if (name.empty()) return name;
  auto found = tree_.resolve(name);
  if (found) return *std::move(found);
  // A loop of links, or a file where a directory should be: nothing is there.
  if (found.error().code() == ErrorCode::kPrivilege) problem_(name, found.error());
  return std::nullopt;
}

std::optional<meridian_stat> Access::stat_at(const std::string& path) {
  const auto known = stats_.find(path);
  if (known != stats_.end()) return known->second;
  std::optional<meridian_stat> result;
  const auto stat = tree_.stat(path.empty() ? "." : path);
  if (stat) {
    result = *stat;
  } else if (stat.error().code() != ErrorCode::kNotFound && !path.empty()) {
    problem_(path, stat.error());
  }
  stats_.emplace(path, result);
  return result;
}

std::optional<meridian_stat> Access::stat(std::string_view path) {
  const auto where = resolve(path);
  return where ? stat_at(*where) : std::nullopt;
}

std::optional<Writer> Access::writer(const std::string& path, const meridian_stat& stat) const {
  if ((stat.mode & S_IWOTH) != 0) return Writer{"everybody", path, true};
  // The owner gives itself the right that the mode does not.
  if (stat.uid != 0) return Writer{"user " + accounts_.user_text(stat.uid), path};
  if (stat.gid == 0 || (stat.mode & S_IWGRP) == 0) return std::nullopt;
  const auto members = accounts_.members(stat.gid);
  if (members.empty()) return std::nullopt;
  return Writer{"group " + accounts_.group_text(stat.gid) + ": " + joined(members), path};
}

std::optional<Writer> Access::above(const std::string& path) {
  std::string child = path;
  while (!child.empty()) {
    const std::string folder = parent_of(child);
    const auto stat = stat_at(folder);
    const auto below = stat_at(child);
    child = folder;
    if (!stat) continue;
    const auto found = writer(folder, *stat);
    if (!found) continue;
    const bool kept = (stat->mode & S_ISVTX) != 0 && stat->uid == 0 && below && below->uid == 0;
    if (!kept) return found;
  }
  return std::nullopt;
}

std::optional<Writer> Access::of_file(std::string_view path) {
  const auto where = resolve(path);
  if (!where) return std::nullopt;
  const auto stat = stat_at(*where);
  if (!stat) return std::nullopt;
  if (auto found = writer(*where, *stat)) return found;
  if (auto found = above(*where)) return found;
  // The link itself may stand where others write.
  const std::string name = relative(path);
  const auto folder = resolve(parent_of(name));
  if (name == *where || !folder) return std::nullopt;
  return above(folder->empty() ? name
                               : *folder + name.substr(std::min(name.rfind('/'), name.size())));
}

std::optional<Writer> Access::of_folder(std::string_view path) {
  const auto where = resolve(path);
  if (!where) return std::nullopt;
  const auto stat = stat_at(*where);
  if (!stat || !S_ISDIR(stat->mode)) return std::nullopt;
  if (auto found = writer(*where, *stat)) return found;
  return above(*where);
}

std::optional<Writer> Access::of_missing(std::string_view path) {
  std::string name = relative(path);
  while (!name.empty()) {
    name = parent_of(name);
    if (resolve(name)) return of_folder(name);
  }
  return std::nullopt;
}

}  // namespace meridian::privilege_escalation
