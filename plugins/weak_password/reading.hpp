// SPDX-License-Identifier: Apache-2.0
//
// reading.hpp: what a file that holds passwords says. One reader a kind of file; each is pure and
// takes any bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meridian/result.hpp>

#include "search.hpp"

namespace meridian::weak_password {

/// An account or a service that asks for no password at all.
struct Open {
  std::string who;      // an account's or a setting's name
  std::string message;  // one sentence
};

struct Reading {
  std::vector<Account> accounts;
  std::vector<Open> open;
  std::vector<Error> gaps;  // what could not be tried, and why

  /// Adds an account, or a gap that names it; past kMaxAccounts of all one gap says so.
  void add(std::string_view user, Result<Hash> hash);
  void add_open(std::string who, std::string message);

 private:
  bool has_room();
  bool is_full = false;
};

using Reader = Reading (*)(std::string_view text);

Reading read_shadow(std::string_view text);  // shadow(5)
Reading read_passwd(
    std::string_view text);  // passwd(5), also of FTP servers: only what has a hash or nothing
Reading read_htpasswd(std::string_view text);  // Apache and nginx
Reading read_redis(std::string_view text);     // redis.conf, and files of ACL users
Reading read_tomcat(std::string_view text);    // tomcat-users.xml
Reading read_mongod(std::string_view text);    // mongod.conf
Reading read_sshd(std::string_view text);      // sshd_config
Reading read_vsftpd(std::string_view text);    // vsftpd.conf
Reading read_ftp_users(
    std::string_view text);  // virtual users in a Berkeley DB hash: name and password in turn
Reading read_hba(std::string_view text);               // pg_hba.conf
Reading read_postgres(std::string_view pages);         // pg_authid: global/1260
Reading read_mysql(std::string_view table);            // mysql.user: MyISAM, Aria, InnoDB
Reading read_environment_file(std::string_view text);  // .env

/// Of an image's or a container's environment: "NAME=value".
void read_variable(std::string_view variable, Reading& into);

constexpr std::size_t kMaxAccounts = 1000;  // of one file; more are a gap
constexpr std::size_t kMaxName = 256;

}  // namespace meridian::weak_password
