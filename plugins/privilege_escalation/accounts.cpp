// SPDX-License-Identifier: Apache-2.0
#include "accounts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

namespace meridian::privilege_escalation {
namespace {

std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

// Calls `take` with the fields of each line that has as many as `count`, or more.
template <typename Take>
void each_line(std::string_view text, std::size_t count, Take take) {
  for (std::size_t line = 0; line < kMaxAccounts && !text.empty(); ++line) {
    std::string_view one = next_part(text, '\n');
    if (!one.empty() && one.back() == '\r') one.remove_suffix(1);
    if (one.empty() || one[0] == '#' || one[0] == '+' || one[0] == '-') continue;
    std::vector<std::string_view> fields;
    while (fields.size() < count) fields.push_back(next_part(one, ':'));
    if (!fields[0].empty()) take(fields);
  }
}

}  // namespace

std::vector<User> parse_passwd(std::string_view text) {
  std::vector<User> users;
  each_line(text, 7, [&](const std::vector<std::string_view>& fields) {
    const auto uid = number(fields[2]);
    const auto gid = number(fields[3]);
    if (!uid || !gid) return;
    users.push_back(
        {std::string(fields[0]), std::string(fields[1]), *uid, *gid, std::string(fields[6])});
  });
  return users;
}

std::vector<Group> parse_group(std::string_view text) {
  std::vector<Group> groups;
  each_line(text, 4, [&](const std::vector<std::string_view>& fields) {
    const auto gid = number(fields[2]);
    if (!gid) return;
    Group group{std::string(fields[0]), *gid, {}};
    for (std::string_view rest = fields[3]; !rest.empty();) {
      const std::string_view name = next_part(rest, ',');
      if (!name.empty()) group.members.emplace_back(name);
    }
    groups.push_back(std::move(group));
  });
  return groups;
}

std::string Accounts::user_text(std::uint32_t uid) const {
  for (const User& user : users_) {
    if (user.uid == uid) return user.name + " (" + std::to_string(uid) + ")";
  }
  return std::to_string(uid);
}

std::string Accounts::group_text(std::uint32_t gid) const {
  for (const Group& group : groups_) {
    if (group.gid == gid) return group.name + " (" + std::to_string(gid) + ")";
  }
  return std::to_string(gid);
}

std::vector<std::string> Accounts::members(std::uint32_t gid) const {
  std::set<std::string> names;
  for (const User& user : users_) {
    if (user.gid == gid && user.uid != 0) names.insert(user.name);
  }
  for (const Group& group : groups_) {
    if (group.gid != gid) continue;
    for (const std::string& name : group.members) {
      const auto user = std::find_if(users_.begin(), users_.end(),
                                     [&](const User& one) { return one.name == name; });
      // A name that no account has can become one: it counts unless it is root's.
      if (user == users_.end() ? name != "root" : user->uid != 0) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

bool is_login_shell(std::string_view shell) {
  constexpr auto kNone = std::to_array<std::string_view>(
      {"nologin", "false", "true", "sync", "shutdown", "halt", "git-shell"});
  const std::string_view name = shell.substr(shell.rfind('/') + 1);
  return std::find(kNone.begin(), kNone.end(), name) == kNone.end();
}

}  // namespace meridian::privilege_escalation
