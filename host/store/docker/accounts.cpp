// SPDX-License-Identifier: Apache-2.0
#include "store/docker/accounts.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/escape.hpp"

namespace meridian::store {
namespace {

// NGROUPS_MAX of Linux: no process has more.
constexpr std::size_t kMaxGroups = 65536;

/// As strconv.Atoi, of a number that may be an id.
std::optional<std::uint32_t> id_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // An id is a C int there.
  if (value > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())) {
    return std::nullopt;
  }
  return value;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Calls `use` with the fields of each line until it returns false. Missing fields are empty.
template <typename Use>
void each_line(std::string_view text, std::size_t fields, Use use) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty()) {
      auto parts = split(line, ':');
      parts.resize(std::max(parts.size(), fields));
      if (!use(parts)) return;
    }
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

struct User {
  std::string name;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

/// The first whose name, or number, is the one wanted; "" wants number 0.
std::optional<User> find_passwd(std::string_view passwd, std::string_view wanted) {
  const auto number = wanted.empty() ? std::optional<std::uint32_t>(0) : id_number(wanted);
  std::optional<User> found;
  each_line(passwd, 4, [&](const std::vector<std::string_view>& fields) {
    // A field that is no number reads as 0 there.
    const std::uint32_t uid = id_number(fields[2]).value_or(0);
    const bool match = number ? uid == *number : fields[0] == wanted;
    if (match) found = User{std::string(fields[0]), uid, id_number(fields[3]).value_or(0)};
    return !found;
  });
  return found;
}

std::optional<std::uint32_t> find_group(std::string_view group, std::string_view wanted,
                                        bool also_by_name_if_number) {
  const auto number = id_number(wanted);
  std::optional<std::uint32_t> found;
  each_line(group, 4, [&](const std::vector<std::string_view>& fields) {
    const std::uint32_t gid = id_number(fields[2]).value_or(0);
    const bool by_name = fields[0] == wanted && (!number || also_by_name_if_number);
    if (by_name || (number && gid == *number)) found = gid;
    return !found;
  });
  return found;
}

Result<std::vector<std::uint32_t>> groups_of(std::string_view group, const std::string& user) {
  std::vector<std::uint32_t> gids;
  bool too_many = false;
  each_line(group, 4, [&](const std::vector<std::string_view>& fields) {
    const auto members = split(fields[3], ',');
    if (std::find(members.begin(), members.end(), user) == members.end()) return true;
    too_many = gids.size() == kMaxGroups;
    if (!too_many) gids.push_back(id_number(fields[2]).value_or(0));
    return !too_many;
  });
  if (!too_many) return gids;
  return Error(ErrorCode::kLimit, "'" + base::escape(user) + "' is in more than " +
                                      std::to_string(kMaxGroups) + " groups");
}

Error unknown(const char* what, std::string_view name) {
  return Error(ErrorCode::kNotFound,
               std::string("no ") + what + " '" + base::escape(name) + "' in its root file system");
}

}  // namespace

Result<model::SpecUser> find_user(const AccountFiles& files, std::string_view user,
                                  const std::vector<std::string>& add) {
  const auto colon = user.find(':');
  const std::string_view name = user.substr(0, colon);
  const std::string_view group =
      colon == std::string_view::npos ? std::string_view() : split(user, ':')[1];
  const auto found = find_passwd(files.passwd, name);
  model::SpecUser out;
  if (found) {
    out.uid = found->uid;
    out.gid = found->gid;
  } else if (!name.empty()) {
    const auto number = id_number(name);
    if (!number) return unknown("user", name);
    out.uid = *number;
  }
  std::vector<std::uint32_t> groups;
  if (!group.empty()) {
    auto gid = find_group(files.group, group, false);
    if (!gid) gid = id_number(group);
    if (!gid) return unknown("group", group);
    out.gid = *gid;
  } else if (found && !found->name.empty()) {
    MERIDIAN_TRY(groups, groups_of(files.group, found->name));
  }
  if (add.size() > kMaxGroups) {
    return Error(ErrorCode::kLimit, std::to_string(add.size()) + " additional groups");
  }
  // dockerd makes them one of each; which comes first is chance there.
  std::vector<std::uint32_t> added;
  for (const std::string& one : add) {
    auto gid = find_group(files.group, one, true);
    if (!gid) gid = id_number(one);
    if (!gid) return unknown("group", one);
    added.push_back(*gid);
  }
  std::sort(added.begin(), added.end());
  added.erase(std::unique(added.begin(), added.end()), added.end());
  // The primary group first, since 20.10.18 (CVE-2022-36109).
  out.additional_gids = {out.gid};
  out.additional_gids.insert(out.additional_gids.end(), groups.begin(), groups.end());
  out.additional_gids.insert(out.additional_gids.end(), added.begin(), added.end());
  return out;
}

}  // namespace meridian::store
