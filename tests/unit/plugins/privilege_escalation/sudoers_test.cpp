// SPDX-License-Identifier: Apache-2.0
#include "sudoers.hpp"

#include "support/catch.hpp"

namespace meridian::privilege_escalation {
namespace {

std::string text_of(const std::vector<SudoItem>& items) {
  std::string text;
  for (const SudoItem& item : items) {
    text.append(text.empty() ? "" : " ").append(item.negated ? "!" : "").append(item.text);
  }
  return text;
}

}  // namespace

TEST_CASE("sudoers: users, hosts, runas, tags and commands") {
  const auto out = parse_sudoers(
      "bob, %wheel , #1000,+ops web1,web2 = (root, www : adm) NOPASSWD: SETENV: /bin/a -x, "
      "PASSWD: !/bin/b, NOSETENV: ALL\n");
  REQUIRE(out.grants.size() == 1);
  CHECK(out.unread_lines == 0);
  const SudoGrant& grant = out.grants[0];
  CHECK(text_of(grant.users) == "bob %wheel #1000 +ops");
  CHECK(text_of(grant.hosts) == "web1 web2");
  REQUIRE(grant.commands.size() == 3);
  CHECK(grant.commands[0].path == "/bin/a");
  CHECK(grant.commands[0].args == "-x");
  CHECK(grant.commands[0].nopasswd);
  CHECK(grant.commands[0].setenv);
  CHECK(text_of(grant.commands[0].runas_users) == "root www");
  CHECK(text_of(grant.commands[0].runas_groups) == "adm");
  CHECK(grant.commands[1].negated);
  CHECK_FALSE(grant.commands[1].nopasswd);
  CHECK(grant.commands[1].setenv);  // tags last until they are taken back
  CHECK(grant.commands[2].path == "ALL");
  CHECK_FALSE(grant.commands[2].setenv);
}

TEST_CASE("sudoers: several hosts on one line, and what is escaped or quoted") {
  const auto out = parse_sudoers(
      "bob a = /bin/x a\\:b\\,c : b = (ALL) NOPASSWD: /bin/y\n"
      "\"dom ann\" ALL = /bin/with\\ blank, sha256:0a1b /bin/z, ROLE=r CWD=\"/a b\" /bin/w\n");
  REQUIRE(out.grants.size() == 3);
  CHECK(out.grants[0].commands.at(0).args == "a\\:b\\,c");
  CHECK(text_of(out.grants[1].hosts) == "b");
  CHECK(out.grants[1].commands.at(0).path == "/bin/y");
  CHECK(out.grants[1].commands.at(0).nopasswd);
  CHECK(text_of(out.grants[2].users) == "dom ann");
  REQUIRE(out.grants[2].commands.size() == 3);
  CHECK(out.grants[2].commands[0].path == "/bin/with blank");
  CHECK(out.grants[2].commands[1].path == "/bin/z");
  CHECK(out.grants[2].commands[2].path == "/bin/w");
}

TEST_CASE("sudoers: aliases, comments, continued lines, numbers of lines") {
  const auto out = parse_sudoers(
      "# a comment\n"
      "User_Alias A = bob, !ann : B = %x\n"
      "Cmnd_Alias C = /bin/a, \\\n   /bin/b\n"
      "Runas_Alias R=op\n"
      "Host_Alias H=10.0.0.0/8\n"
      "A H = (R) C # and this\n"
      "#1000 ALL=ALL\n"
      "this is nothing\n");
  CHECK(text_of(out.user_aliases.at("A")) == "bob !ann");
  CHECK(text_of(out.user_aliases.at("B")) == "%x");
  CHECK(out.command_aliases.at("C").size() == 2);
  CHECK(out.runas_aliases.count("R") == 1);
  REQUIRE(out.grants.size() == 2);
  CHECK(out.grants[0].line == 7);
  CHECK(text_of(out.grants[1].users) == "#1000");
  CHECK(out.unread_lines == 1);
}

TEST_CASE("sudoers: defaults") {
  const auto out = parse_sudoers(
      "Defaults env_reset, !authenticate\n"
      "Defaults:bob env_keep += \"LD_PRELOAD A\"\n"
      "Defaults secure_path=\"/usr/bin:/bin\"\n"
      "Defaults!/bin/a noexec\n");
  REQUIRE(out.defaults.size() == 5);
  CHECK(out.defaults[1].name == "authenticate");
  CHECK(out.defaults[1].negated);
  CHECK(out.defaults[2].scope == ":bob");
  CHECK(out.defaults[2].sign == '+');
  CHECK(out.defaults[2].value == "LD_PRELOAD A");
  CHECK(out.defaults[3].value == "/usr/bin:/bin");
  CHECK(out.defaults[4].scope == "!/bin/a");
}

TEST_CASE("sudoers: includes, and the names that an included folder is read of") {
  const auto out =
      parse_sudoers("#include a\n@include /etc/b\n#includedir /etc/c\n@includedir d\n");
  REQUIRE(out.includes.size() == 4);
  CHECK(out.includes[0].path == "a");
  CHECK_FALSE(out.includes[1].is_folder);
  CHECK(out.includes[2].path == "/etc/c");
  CHECK(out.includes[3].is_folder);
  CHECK(is_included_name("10-ops"));
  for (const char* name : {"", "a.bak", ".x", "a~", "README.md"})
    CHECK_FALSE(is_included_name(name));
}

TEST_CASE("sudoers: what never ends, ends") {
  for (const std::string& text :
       {std::string("a ALL=("), std::string("a ALL=NOPASSWD"), std::string("a ALL=\\"),
        std::string("\\\n\\\n\\"), std::string("a b c = = : ="), std::string("Defaults"),
        std::string("User_Alias"), std::string("User_Alias A"), std::string(5000, '('),
        std::string(5000, ','), std::string(5000, '!'), "a ALL=" + std::string(5000, ':')}) {
    const auto out = parse_sudoers(text);
    CHECK(out.grants.size() <= 1);
  }
}

}  // namespace meridian::privilege_escalation
