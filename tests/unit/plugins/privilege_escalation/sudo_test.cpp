// SPDX-License-Identifier: Apache-2.0
//
// What sudo lets users do, by sudoers texts. What each rule is for: rules_test.cpp.
#include "example_image.hpp"

namespace meridian::privilege_escalation {

using testing::file;

namespace {

testing::Outcome sudo(const std::string& text, std::vector<testing::Entry> more = {}) {
  more.push_back(program("usr/bin/sudo", 04755));
  more.push_back(file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n"));
  more.push_back(file("etc/group", "root:x:0:\nsudo:x:27:\nops:x:50:app\n"));
  more.push_back(file("etc/sudoers", "Defaults secure_path=/usr/bin\n" + text, 0440));
  return run(std::move(more));
}

Said of_sudo(const std::string& text, std::vector<testing::Entry> more = {}) {
  Said texts;
  for (const std::string& one : said(sudo(text, std::move(more)))) {
    if (one.compare(0, 15, "setuid-expected") != 0) texts.push_back(one);
  }
  return texts;
}

}  // namespace

TEST_CASE("sudo: the file as Debian ships it is no more than info") {
  const auto outcome = sudo(
      "Defaults\tenv_reset\nDefaults\tmail_badpass\nDefaults\tuse_pty\n"
      "root\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n",
      {file("etc/sudoers.d/README", "# As of Debian version 1.7.2p1-1\n", 0440)});
  CHECK(said(outcome) == Said{"setuid-expected usr/bin/sudo info", "sudo-all etc/sudoers info"});
  CHECK(outcome.gaps().empty());
}

TEST_CASE("sudo: a password, and who may go without one, is the severity") {
  CHECK(of_sudo("app ALL=(ALL) ALL\n") == Said{"sudo-all etc/sudoers low"});
  CHECK(of_sudo("app ALL=(ALL) NOPASSWD: ALL\n") == Said{"sudo-all etc/sudoers high"});
  CHECK(of_sudo("%sudo ALL=(ALL) NOPASSWD: ALL\n") == Said{"sudo-all etc/sudoers medium"});
  CHECK(of_sudo("%ops ALL=(ALL) NOPASSWD: ALL\n") == Said{"sudo-all etc/sudoers high"});
  CHECK(of_sudo("app ALL=/usr/bin/find\n") == Said{"sudo-program etc/sudoers medium"});
}

TEST_CASE("sudo: containment is the right way round: a short command is no long one") {
  // A scanner that looked for the line inside its list found only ALL.
  CHECK(of_sudo("app ALL=NOPASSWD: /usr/local/sbin/findings-of-the-day\n").empty());
  CHECK(of_sudo("app ALL=NOPASSWD: /opt/x/bin/find\n") == Said{"sudo-program etc/sudoers high"});
}

TEST_CASE("sudo: aliases that name each other end") {
  const auto outcome = sudo(
      "User_Alias A = B, app : B = A\nCmnd_Alias C = D, ALL\nCmnd_Alias D = C\n"
      "A ALL=NOPASSWD: C\n");
  CHECK_FALSE(outcome.findings().empty());
}

TEST_CASE("sudo: run as another user or negated is not run as root") {
  CHECK(of_sudo("app ALL=(www) NOPASSWD: ALL\n").empty());
  CHECK(of_sudo("app ALL=(ALL, !root) NOPASSWD: /usr/bin/find\n").empty());
  CHECK(of_sudo("Runas_Alias R = www\napp ALL=(R) NOPASSWD: ALL\n").empty());
  CHECK(of_sudo("!app ALL=NOPASSWD: ALL\n").empty());
}

TEST_CASE("sudo: fixed arguments count only for what asks for commands") {
  CHECK(of_sudo("app ALL=NOPASSWD: /usr/bin/apt-get update\n").empty());
  CHECK(of_sudo("app ALL=NOPASSWD: /usr/bin/less /var/log/syslog\n") ==
        Said{"sudo-program etc/sudoers high"});
  CHECK(of_sudo("app ALL=NOPASSWD: /usr/bin/apt-get install *\n") ==
        Said{"sudo-program etc/sudoers high"});
}

TEST_CASE("sudo: an interpreter's script counts as the command") {
  CHECK(of_sudo("app ALL=NOPASSWD: /bin/bash /opt/run.sh\n", {file("opt/run.sh", "", 0777)}) ==
        Said{"sudo-writable-command etc/sudoers high"});
  CHECK(
      of_sudo("app ALL=NOPASSWD: /bin/bash /opt/run.sh\n", {file("opt/run.sh", "", 0755)}).empty());
  CHECK(of_sudo("app ALL=NOPASSWD: /usr/bin/systemctl restart nginx\n").empty());
}

TEST_CASE("sudo: a command may be another's by its file, its folder or its absence") {
  auto mine = testing::directory("home/app");
  mine.uid = 1000;
  CHECK(of_sudo("app ALL=/home/app/run\n", {mine, file("home/app/run", "#!/bin/sh\n", 0755)}) ==
        Said{"sudo-writable-command etc/sudoers medium"});
  auto group = file("opt/run", "#!/bin/sh\n", 0775);
  group.gid = 50;
  CHECK(of_sudo("app ALL=/opt/run\n", {group}) == Said{"sudo-writable-command etc/sudoers medium"});
  group.gid = 27;  // nobody is in it
  CHECK(of_sudo("app ALL=/opt/run\n", {group}).empty());
}

TEST_CASE("sudo: what is refused is not judged, what is not installed is low") {
  const auto outcome = run(
      {program("usr/bin/sudo", 04755), file("etc/sudoers", "app ALL=(ALL) NOPASSWD: ALL\n", 0666)});
  CHECK(said(outcome) == Said{"setuid-expected usr/bin/sudo info",
                              "sudoers-refused etc/sudoers low",
                              "account-file-writable etc/sudoers critical"});
  CHECK(said(run({file("etc/sudoers", "Defaults secure_path=/bin\napp ALL=NOPASSWD: ALL\n",
                       0440)})) == Said{"sudo-all etc/sudoers low"});
}

TEST_CASE("sudo: includes stay in the image, loop once, and skip names with dots") {
  const auto outcome = sudo(
      "@include /etc/sudoers\n@include ../../../../etc/more\n@includedir /etc/sudoers.d\n"
      "@include /etc/sudoers.%h\n@include none\n",
      {file("etc/more", "app ALL=NOPASSWD: /usr/bin/find\n", 0440),
       file("etc/sudoers.d/a.b", "app ALL=NOPASSWD: ALL\n", 0440),
       file("etc/sudoers.d/a~", "app ALL=NOPASSWD: ALL\n", 0440),
       testing::symbolic_link("etc/sudoers.d/z", "../../etc/last"),
       file("etc/last", "app ALL=NOPASSWD: /usr/bin/awk\n", 0440)});
  CHECK(said(outcome) == Said{"setuid-expected usr/bin/sudo info", "sudo-program etc/more high",
                              "sudo-program etc/sudoers.d/z high"});
  REQUIRE(outcome.gaps().size() == 1);
  CHECK(outcome.gaps()[0].kind == "unsupported");
}

TEST_CASE("sudo: a regular expression is a gap, never nothing") {
  const auto outcome = sudo("app ALL=NOPASSWD: ^/usr/bin/(find|awk)$\n");
  REQUIRE(outcome.gaps().size() == 1);
  CHECK(outcome.gaps()[0].path == "etc/sudoers");
}

}  // namespace meridian::privilege_escalation
