// SPDX-License-Identifier: Apache-2.0
//
// accounts.hpp: users and groups of an image, as passwd(5) and group(5) write them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meridian::privilege_escalation {

constexpr std::size_t kMaxAccounts = 20000;  // of each; a department's directory has fewer

struct User {
  std::string name;
  std::string password;  // the second field; "x": it stands in shadow
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string shell;  // empty: /bin/sh
};

struct Group {
  std::string name;
  std::uint32_t gid = 0;
  std::vector<std::string> members;
};

/// Lines that are no account are left out, as the C library does.
std::vector<User> parse_passwd(std::string_view text);
std::vector<Group> parse_group(std::string_view text);

class Accounts {
 public:
  Accounts() = default;
  Accounts(std::vector<User> users, std::vector<Group> groups)
      : users_(std::move(users)), groups_(std::move(groups)) {}

  const std::vector<User>& users() const { return users_; }
  const std::vector<Group>& groups() const { return groups_; }
  /// "app (1000)", or "1000" where nobody has the number.
  std::string user_text(std::uint32_t uid) const;
  std::string group_text(std::uint32_t gid) const;
  /// Names of users other than root in it, also by their primary group; sorted, each once.
  std::vector<std::string> members(std::uint32_t gid) const;

 private:
  std::vector<User> users_;
  std::vector<Group> groups_;
};

/// Whether somebody can log in with it: neither nologin, false, sync nor a shutdown program.
bool is_login_shell(std::string_view shell);

}  // namespace meridian::privilege_escalation
