// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include "support/catch.hpp"

namespace meridian::privilege_escalation {

using Texts = std::vector<std::string>;

TEST_CASE("command line: programs in front, behind operators, wrappers and interpreters") {
  CHECK(programs_of("/opt/a --b /opt/c").size() == 1);
  CHECK(programs_of("cd / && /opt/a; B=1 /opt/b | /opt/c >/tmp/log 2>&1") ==
        Texts{"/opt/a", "/opt/b", "/opt/c"});
  CHECK(programs_of("test -x /usr/sbin/anacron || { cd / && run-parts /etc/cron.daily; }") ==
        Texts{"run-parts"});
  CHECK(programs_of("[ -x /opt/no ] && /opt/yes") == Texts{"/opt/yes"});
  CHECK(programs_of("env A=b nice -n 5 /opt/a") == Texts{"env", "nice", "/opt/a"});
  CHECK(programs_of("/usr/bin/flock -n /run/x.lock /opt/a") == Texts{"/usr/bin/flock", "/opt/a"});
  CHECK(programs_of("timeout 10 /opt/a 5") == Texts{"timeout", "/opt/a"});
  CHECK(programs_of("bash -x /opt/a.sh /opt/b") == Texts{"bash", "/opt/a.sh"});
  CHECK(programs_of("/bin/sh -c '/opt/a && exec /opt/b'") == Texts{"/bin/sh", "/opt/a", "/opt/b"});
  CHECK(programs_of("python3 -m http.server") == Texts{"python3"});
  CHECK(programs_of("php /srv/a.php") == Texts{"php", "/srv/a.php"});
  CHECK(programs_of("> /opt/a cat </opt/b") == Texts{"cat"});
  CHECK(programs_of("$HOME/bin/a; /opt/b # /opt/c") == Texts{"/opt/b"});
  CHECK(programs_of("\"/opt/my job\" x") == Texts{"/opt/my job"});
  CHECK(programs_of("").empty());
  CHECK(programs_of("sh -c \"sh -c 'sh -c \\\"sh -c a\\\"'\"").size() <= 3);
}

TEST_CASE("command line: crontabs") {
  const auto jobs = parse_crontab(
      "# no\nSHELL=/bin/sh\nPATH = /a:/b\n\n17 * * * * root cd / && run\n"
      "@reboot bob /opt/a\n*/5 1-3 * * mon\troot\t/opt/b%input\n* * * *\n",
      true);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[0].user == "root");
  CHECK(jobs[0].command == "cd / && run");
  CHECK(jobs[1].user == "bob");
  CHECK(jobs[1].command == "/opt/a");
  CHECK(jobs[2].command == "/opt/b");
  const auto own = parse_crontab("0 0 * * * A=b /opt/c\n@daily /opt/d\n", false);
  REQUIRE(own.size() == 2);
  CHECK(own[0].command == "A=b /opt/c");
  CHECK(own[1].command == "/opt/d");
}

TEST_CASE("command line: units") {
  const auto commands = parse_unit(
      "[Unit]\nExecStart=/no\n[Service]\n# ExecStart=/no\nExecStart=@-/opt/a name \\\n  --flag\n"
      "ExecStartPre=+/opt/b\nExecReload=\nUser=bob\n");
  REQUIRE(commands.size() == 2);
  CHECK(commands[0].line == "/opt/a name  --flag");
  CHECK_FALSE(commands[0].as_root);  // User= stands below it and counts
  CHECK(commands[1].line == "/opt/b");
  CHECK(commands[1].as_root);
  CHECK(parse_unit("[Service]\nUser=root\nExecStart=/a\n").at(0).as_root);
  CHECK_FALSE(parse_unit("[Service]\nDynamicUser=yes\nExecStart=/a\n").at(0).as_root);
}

}  // namespace meridian::privilege_escalation
