// SPDX-License-Identifier: Apache-2.0
//
// Files as servers and people write them, before each reader; and files that are none.
#include "reading.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "key_files.hpp"
#include "support/catch.hpp"

namespace meridian::weak_password {
namespace {

std::string data(const std::string& name) {
  std::ifstream file(MERIDIAN_SOURCE_DIR "/tests/data/weak_password/" + name, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  REQUIRE_FALSE(bytes.empty());
  return bytes;
}

using Names = std::vector<std::string>;

Names users(const Reading& reading) {
  Names names;
  for (const Account& one : reading.accounts) names.push_back(one.user);
  return names;
}
Names open(const Reading& reading) {
  Names names;
  for (const Open& one : reading.open) names.push_back(one.who);
  return names;
}

/// "user=password" of those that these words open.
Names guessed(const Reading& reading, std::string_view list) {
  Guesser guesser;
  Names names;
  const auto result = search(
      reading.accounts, Words(list, {}), std::chrono::minutes(2), [] { return false; }, guesser);
  CHECK(result.unfinished.empty());
  for (const Guessed& one : result.guessed)
    names.push_back(reading.accounts[one.account].user + "=" + one.password);
  return names;
}

constexpr std::string_view kWords = "monkey\ndragon\nhashcat\n";

}  // namespace

TEST_CASE("shadow: locked accounts are none, an empty field is a door") {
  const Reading reading = read_shadow(
      "root:$1$abcdefgh$gyPqltr49ET96qfEMI36o/"
      ":19000:0:99999:7:::\ndaemon:*:19000::::::\nlocked:!$1$abcdefgh$gyPqltr49ET96qfEMI36o/"
      ":1::::::\n"
      "new:!!:1::::::\nguest::1::::::\n\n# comment\nodd:$9$what:1::::::\nbroken\n:x:\n+nis::\n");
  CHECK(users(reading) == Names{"root"});
  CHECK(open(reading) == Names{"guest"});
  REQUIRE(reading.gaps.size() == 1);
  CHECK(reading.gaps[0].message() == "account odd: a hash of a kind that is not known");
  CHECK(guessed(reading, kWords) == Names{"root=dragon"});
}

TEST_CASE("passwd: a hash or nothing in the second field; nobody logs in without a shell") {
  const Reading reading = read_passwd(
      "root:x:0:0::/root:/bin/bash\nold:ab6Gj9YvrF2As:1:1::/:/bin/sh\ntoor::0:0::/"
      "root:\nsvc::5:5::/:/usr/sbin/nologin\nbin:*:2:2::/:/bin/false\n");
  CHECK(users(reading) == Names{"old"});
  CHECK(open(reading) == Names{"toor"});
}

TEST_CASE("shadow: more accounts than anybody has are a gap") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "u" + std::to_string(i) + ":ab6Gj9YvrF2As:1::::::\n";
  const Reading reading = read_shadow(text);
  CHECK(reading.accounts.size() == kMaxAccounts);
  REQUIRE(reading.gaps.size() == 1);
  CHECK(reading.gaps[0].code() == ErrorCode::kLimit);
}

TEST_CASE("more doors than anybody has are a gap, in every kind of file") {
  for (const auto& [reader, line] : {std::pair(&read_passwd, "a::0:0::/:/bin/sh\n"),
                                     {&read_redis, "user a on nopass\n"},
                                     {&read_hba, "host all all all trust\n"},
                                     {&read_environment_file, "MYSQL_ALLOW_EMPTY_PASSWORD=1\n"}}) {
    INFO(line);
    std::string text;
    for (int i = 0; i < 2000; ++i) text += line;
    const Reading reading = reader(text);
    CHECK(reading.open.size() == kMaxAccounts);
    CHECK(reading.gaps.size() == 1);
  }
}

TEST_CASE("htpasswd: hashes of Apache and nginx, and clear text") {
  const Reading reading = read_htpasswd(
      "# users\nann:$apr1$abcdefgh$BzcJ9t7sfL7Yq4agKv9UN1\nben:{SHA}r4l4sXl7cqz/+VlaWio3PsPZEG0=\n "
      "cem:$2y$05$abcdefghijklmnopqrstuuG4nizIsfFMB34Hh5MoYcbtdFUq5YPJK\n"
      "dan:{PLAIN}monkey\neve:monkey\nfay:$argon2id$v=19$x\n:none\nno colon\n");
  CHECK(guessed(reading, kWords) ==
        Names{"ann=dragon", "ben=dragon", "cem=dragon", "dan=monkey", "eve=monkey"});
  CHECK(reading.gaps.size() == 1);
}

TEST_CASE("redis: a password, ACL users, none on the network") {
  const Reading reading = read_redis(
      "bind 0.0.0.0\nprotected-mode yes\nrequirepass \"monkey\"\nmasterauth dragon\n"
      "user ann on >dragon ~* +@all\nuser ben on nopass +@all\nuser cem off nopass\n"
      "user dan on #a9c43be948c5cabd56ef2bacffb77cdaa5eec49dd5eb0cc4129cf3eda5f0e74c\n");
  CHECK(guessed(reading, kWords) ==
        Names{"requirepass=monkey", "masterauth=dragon", "ann=dragon", "dan=dragon"});
  CHECK(open(reading) == Names{"ben"});
  CHECK(open(read_redis("bind 0.0.0.0\nprotected-mode no\nport 6379\n")) == Names{"requirepass"});
  CHECK(open(read_redis("bind * -::*\nprotected-mode no\n# requirepass x\n")) ==
        Names{"requirepass"});
  for (const char* const text : {"bind 0.0.0.0\n", "bind 127.0.0.1 -::1\nprotected-mode no\n",
                                 "protected-mode no\nbind 0.0.0.0\nuser default on >x\n",
                                 "protected-mode no\nbind 0.0.0.0\naclfile /etc/redis/users.acl\n",
                                 "user ann on resetpass\n", ""}) {
    INFO(text);
    CHECK(read_redis(text).open.empty());
  }
}

TEST_CASE("mongod: listens on the network and authorises nobody") {
  CHECK(open(read_mongod("net:\n  port: 27017\n  bindIp: 127.0.0.1,0.0.0.0\n#security:\n")) ==
        Names{"security.authorization"});
  CHECK(open(read_mongod("net:\n  bindIpAll: true\nsecurity:\n  authorization: disabled\n")) ==
        Names{"security.authorization"});
  CHECK(open(read_mongod("bind_ip = 0.0.0.0\nauth = false\n")) == Names{"security.authorization"});
  for (const char* const text :
       {"net:\n  bindIp: 127.0.0.1\n",
        "net:\n  bindIp: 0.0.0.0\nsecurity:\n  authorization: enabled\n",
        "net:\n  bindIp: 0.0.0.0\nsecurity:\n  keyFile: /k\n", "storage:\n  bindIp: 0.0.0.0\n",
        "net.bindIp: /tmp/s.sock, localhost\n", ""}) {
    INFO(text);
    CHECK(read_mongod(text).open.empty());
  }
}

TEST_CASE("tomcat: clear text and digests, entities, comments, either name of the name") {
  const Reading reading = read_tomcat(
      "<?xml version='1.0'?><tomcat-users>\n<!-- <user username=\"no\" password=\"monkey\"/> -->\n"
      "<user username=\"tomcat\" password=\"tomcat\" roles='manager-gui'/><user\n name='both' "
      "password = 'a&amp;b'/>\n"
      "<user username=\"sum\" password=\"af8978b1797b72acfff9595a5a2a373ec3d9106d\"/><user "
      "username=\"none\"/><users username=\"x\" password=\"y\"/>");
  CHECK(guessed(reading, "dragon\na&b\n") == Names{"tomcat=tomcat", "both=a&b", "sum=dragon"});
  CHECK(users(read_tomcat("<user username=\"a\" password=\"b")).empty());
}

TEST_CASE("ftp: virtual users of vsftpd, as Berkeley DB keeps them") {
  CHECK(guessed(read_ftp_users(data("virtual_users.db")), kWords) ==
        Names{"alice=monkey", "carol=carol123"});
  CHECK(read_ftp_users("no database").gaps.size() == 1);
}

TEST_CASE("settings that ask for nothing") {
  CHECK(open(read_sshd(
            "# PermitEmptyPasswords no\npermitemptypasswords yes\nPermitEmptyPasswords no\n")) ==
        Names{"PermitEmptyPasswords"});
  CHECK(read_sshd("PermitEmptyPasswords no\nPermitEmptyPasswords yes\n").open.empty());
  CHECK(open(read_vsftpd("anonymous_enable=YES\nwrite_enable=YES\nanon_upload_enable=YES\n")) ==
        Names{"anonymous_enable"});
  CHECK(read_vsftpd("anonymous_enable=YES\nwrite_enable=YES\n").open.empty());
  CHECK(open(read_hba(
            "local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 "
            "trust\nhost all all 0.0.0.0/0 trust # no\n"
            "hostssl all all 10.0.0.0 255.0.0.0 trust\nhost all all all scram-sha-256\n")) ==
        Names{"0.0.0.0/0", "10.0.0.0"});
}

TEST_CASE("postgres: roles of a real cluster; one that was dropped is none") {
  const Reading reading = read_postgres(data("postgres15-1260"));
  CHECK(users(reading) == Names{"legacy", "strong", "app"});
  CHECK(reading.gaps.empty());
  CHECK(guessed(reading, kWords) == Names{"legacy=monkey", "app=app123"});
}

TEST_CASE("mysql: accounts of a real MariaDB") {
  const Reading reading = read_mysql(data("mariadb-global_priv.MAD"));
  CHECK(users(reading) == Names{"app", "alice", "bob", "both"});
  CHECK(open(reading) == Names{"root", "root", "root", "root", "nobody"});
  CHECK(guessed(reading, kWords) == Names{"app=app123", "bob=monkey", "both=dragon"});
}

TEST_CASE("mysql: rows of mysql.user in MyISAM and in InnoDB") {
  const Reading reading = read_mysql(data(GENERATE("mysql57-user.MYD", "innodb-user.page")));
  Names names = users(reading);
  std::sort(names.begin(), names.end());
  CHECK(names == Names{"alice", "app", "root", "sha"});
  Names found = guessed(reading, kWords);
  std::sort(found.begin(), found.end());
  CHECK(found == Names{"app=app123", "root=root", "sha=hashcat"});
}

TEST_CASE("environment: names that promise a password, and what lets a server start without one") {
  const Reading reading = read_environment_file(
      "# DB_PASSWORD=no\nexport DB_PASSWORD='monkey' \nADMIN_PWD=dragon # "
      "really\nPWD=/srv\nDB_PASSWORD_FILE=/run/x\nMIN_PASSWORD_LENGTH=8\n"
      "EMPTY_PASSWORD=\nREF_PASSWORD=${OTHER}\nMYSQL_ALLOW_EMPTY_PASSWORD=yes\nMARIADB_ALLOW_EMPTY_"
      "ROOT_PASSWORD=0\nPOSTGRES_HOST_AUTH_METHOD=trust\n");
  CHECK(guessed(reading, kWords) == Names{"DB_PASSWORD=monkey", "ADMIN_PWD=dragon"});
  CHECK(open(reading) == Names{"MYSQL_ALLOW_EMPTY_PASSWORD", "POSTGRES_HOST_AUTH_METHOD"});
}

TEST_CASE("keys: under a passphrase or not, and those that cannot be tried") {
  for (const char* const name : {"key-legacy.pem", "key-pkcs8.pem", "key-openssh", "store.p12"}) {
    INFO(name);
    const auto key = LockedKey::read(data(name));
    REQUIRE(key);
    REQUIRE(key->has_value());
    const bool is_store = std::string(name) == "store.p12";
    CHECK((*key)->opens_with(is_store ? "changeit" : "monkey"));
    CHECK_FALSE((*key)->opens_with("dragon"));
    CHECK_FALSE((*key)->opens_with(""));
  }
  CHECK(LockedKey::read(data("key-pkcs8-90-million-rounds.pem")).error().code() ==
        ErrorCode::kLimit);
  CHECK(LockedKey::read(
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
            .error()
            .code() == ErrorCode::kCorrupt);
  for (const std::string& text :
       {data("key-openssh-open"), std::string("-----BEGIN CERTIFICATE-----\nAAAA\n"),
        std::string("no key"), std::string()}) {
    const auto key = LockedKey::read(text);
    REQUIRE(key);
    CHECK_FALSE(key->has_value());
  }
}

TEST_CASE("keys: each of a file by itself") {
  const std::string open = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const std::string all = certificate + open + data("key-legacy.pem") + data("key-pkcs8.pem");
  const auto keys = split_keys(all);
  REQUIRE(keys.size() == 3);
  CHECK_FALSE(LockedKey::read(keys[0])->has_value());
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    const auto key = LockedKey::read(keys[i]);
    REQUIRE(key);
    REQUIRE(key->has_value());
    CHECK((*key)->opens_with("monkey"));
  }
  CHECK(split_keys(certificate).empty());
  CHECK(split_keys(data("store.p12")).size() == 1);
}

}  // namespace meridian::weak_password
