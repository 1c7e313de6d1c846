// SPDX-License-Identifier: Apache-2.0
//
// Whole images. The traps are those that other scanners fell into: lists of paths, exact modes,
// merged /usr, layers.
#include "example_image.hpp"

namespace meridian::privilege_escalation {

using testing::directory;
using testing::file;
using testing::image;
using testing::symbolic_link;
using testing::whiteout;

TEST_CASE("plugin: a setuid program is found anywhere, with any further bits") {
  CHECK(said(run({program("srv/x/.y/find", 04755), program("usr/bin/awk", 07777),
                  program("var/lib/a/env", 05711), program("opt/perl5.36.0", 06755)})) ==
        Said{"setgid-program opt/perl5.36.0 high", "setgid-program usr/bin/awk high",
             "setuid-root-program opt/perl5.36.0 high", "setuid-root-program srv/x/.y/find high",
             "setuid-root-program usr/bin/awk high", "setuid-root-program var/lib/a/env high"});
}

TEST_CASE("plugin: with a merged /usr each file is found once") {
  const auto outcome = run({symbolic_link("bin", "usr/bin"), symbolic_link("sbin", "usr/sbin"),
                            program("usr/bin/find", 04755), program("usr/bin/su", 04755)});
  CHECK(said(outcome) ==
        Said{"setuid-expected usr/bin/su info", "setuid-root-program usr/bin/find high"});
}

TEST_CASE("plugin: what every Debian has is info") {
  std::vector<testing::Entry> entries;
  for (const char* path :
       {"usr/bin/chfn", "usr/bin/chsh", "usr/bin/gpasswd", "usr/bin/mount", "usr/bin/newgrp",
        "usr/bin/passwd", "usr/bin/su", "usr/bin/umount", "usr/bin/sudo",
        "usr/lib/openssh/ssh-keysign", "usr/lib/dbus-1.0/dbus-daemon-launch-helper",
        "usr/lib/polkit-1/polkit-agent-helper-1", "bin/su"}) {
    entries.push_back(program(path, 04755));
  }
  entries.push_back(program("usr/bin/chage", 02755, 0, 42));
  entries.push_back(program("usr/bin/expiry", 02755, 0, 42));
  entries.push_back(program("usr/sbin/unix_chkpwd", 02755, 0, 42));
  const auto outcome = run(std::move(entries));
  CHECK(outcome.findings().size() == 16);
  for (const testing::Found& found : outcome.findings()) {
    INFO(found.path);
    CHECK(found.severity == Severity::kInfo);
  }
}

TEST_CASE("plugin: a known name at another place or of another owner is not expected") {
  CHECK(said(run({program("tmp/su", 04755)})) == Said{"setuid-unknown tmp/su medium"});
  CHECK(said(run({program("opt/passwd", 04755)})) == Said{"setuid-unknown opt/passwd medium"});
  CHECK(said(run({program("opt/agent", 04755, 33)})) == Said{"setuid-other-user opt/agent low"});
}

TEST_CASE("plugin: a shell under another name is known by its content") {
  auto entry = program("usr/local/bin/backup", 04755);
  entry.content =
      std::string(kElf) + std::string((1 << 20) - 20, 'x') + "@(#)GNU bash, version 5.2";
  const auto outcome = run({entry});
  CHECK(said(outcome) == Said{"setuid-root-program usr/local/bin/backup high"});
  CHECK(outcome.findings()[0].message.find("it is bash") != std::string::npos);
}

TEST_CASE("plugin: bits without effect") {
  CHECK(said(run({program("usr/bin/find", 04644)})).empty());
  CHECK(said(run({program("usr/bin/find", 02745, 0, 42)})).empty());
  CHECK(said(run({file("usr/bin/run", "#!/bin/bash\n", 06755)})) ==
        Said{"setuid-script usr/bin/run low"});
  CHECK(said(run({file("usr/bin/empty", "", 04755)})) == Said{"setuid-script usr/bin/empty low"});
}

TEST_CASE("plugin: what a later layer took away is not reported, what it kept is, once") {
  CHECK(said(run(image()
                     .layer({program("usr/bin/find", 04755)})
                     .layer({program("usr/bin/find", 0755)})))
            .empty());
  CHECK(said(run(image().layer({program("usr/bin/find", 04755)}).layer({whiteout("usr/bin/find")})))
            .empty());
  const auto outcome =
      run(image().layer({program("usr/bin/find", 04755)}).layer({program("usr/bin/find", 04755)}));
  CHECK(said(outcome) == Said{"setuid-root-program usr/bin/find high"});
  CHECK(outcome.findings()[0].layer == 1);
}

TEST_CASE("plugin: only programs are opened, and their first bytes") {
  const auto outcome = run({file("etc/motd", "hello"), program("usr/bin/find", 04755)});
  CHECK(outcome.opened() == testing::paths{"usr/bin/find"});
}

TEST_CASE("plugin: capabilities by what the program makes of them") {
  const auto with = [](const char* path, std::string bytes) {
    return said(
        run({testing::with_xattr(program(path, 0755), "security.capability", std::move(bytes))}));
  };
  const std::uint64_t setuid = 1U << 7;
  CHECK(with("usr/bin/python3.11", capability_bytes(setuid)) ==
        Said{"capability-root usr/bin/python3.11 high"});
  CHECK(with("opt/agent", capability_bytes(setuid)) == Said{"capability-root opt/agent medium"});
  CHECK(with("usr/bin/cat", capability_bytes(setuid)) ==
        Said{"capability-root usr/bin/cat medium"});
  CHECK(with("usr/bin/cat", capability_bytes(1U << 2)) == Said{"capability-root usr/bin/cat high"});
  CHECK(with("usr/bin/cat", capability_bytes(1U << 2, false)) ==
        Said{"capability-root usr/bin/cat medium"});
  CHECK(with("usr/bin/perl", capability_bytes(setuid, true, 3, 1000)) ==
        Said{"capability-other usr/bin/perl info"});
  CHECK(with("usr/bin/perl", capability_bytes(setuid, true, 3, 0)) ==
        Said{"capability-root usr/bin/perl high"});
  CHECK(with("usr/bin/ping", capability_bytes(1U << 13)) ==
        Said{"capability-other usr/bin/ping info"});
  CHECK(with("opt/web", capability_bytes(1U << 10, true, 1)) ==
        Said{"capability-other opt/web low"});
  CHECK(with("opt/none", capability_bytes(0)).empty());
}

TEST_CASE("plugin: a capability that cannot be read is a gap") {
  const auto outcome =
      run({testing::with_xattr(program("opt/a", 0755), "security.capability", "xyz")});
  CHECK(outcome.findings().empty());
  REQUIRE(outcome.gaps().size() == 1);
  CHECK(outcome.gaps()[0].kind == "corrupt");
  CHECK(outcome.gaps()[0].path == "opt/a");
}

TEST_CASE("plugin: a container with no-new-privileges has setuid programs as low") {
  auto one = image().layer({program("usr/bin/find", 04755)});
  one.container_spec(R"({"process": {"noNewPrivileges": true, "user": {"uid": 1000}}})");
  const auto outcome = run(one);
  CHECK(outcome.finding("setuid-root-program").severity == Severity::kHigh);
  CHECK(outcome.finding("setuid-root-program", TargetKind::kContainer).severity == Severity::kLow);
}

TEST_CASE("plugin: what a container wrote counts in it alone") {
  auto one = image().layer({file("etc/passwd", "root:x:0:0::/root:/bin/sh\n")});
  one.writable({file("etc/passwd", "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n")});
  const auto outcome = run(one);
  CHECK(said(outcome).empty());
  CHECK(outcome.finding("uid-zero-account", TargetKind::kContainer).path == "etc/passwd");
}

TEST_CASE("plugin: the modes that distributions give are no findings") {
  auto shadow = file("etc/shadow", "root:$6$a$b:1::::::\n", 0640);
  shadow.gid = 42;
  auto spool = directory("var/spool/cron/crontabs", 01730);
  spool.gid = 101;
  const auto outcome = run(
      {file("etc/passwd", "root:x:0:0::/root:/bin/sh\n", 0644), shadow, spool,
       file("etc/sudoers", "", 0440), file("etc/crontab", "SHELL=/bin/sh\n", 0644),
       directory("tmp", 01777), directory("var/tmp", 01777),
       file("etc/cron.d/e2scrub_all",
            "30 3 * * 0 root test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x/cron\n")});
  CHECK(said(outcome).empty());
  CHECK(outcome.gaps().empty());
}

TEST_CASE("plugin: the entry point of an image that starts as root") {
  const auto entry = [](const char* user) {
    auto one = image().layer({file("app/run.sh", "#!/bin/sh\n", 0777)});
    one.config(std::string(R"({"config": {"User": ")") + user + R"("}})").entrypoint("/app/run.sh");
    return said(run(one));
  };
  CHECK(entry("") == Said{"root-runs-writable app/run.sh high"});
  CHECK(entry("root:root") == Said{"root-runs-writable app/run.sh high"});
  CHECK(entry("1000").empty());
}

TEST_CASE("plugin: systemd's units are read once where /lib leads to /usr/lib") {
  const auto outcome =
      run({symbolic_link("lib", "usr/lib"),
           file("usr/lib/systemd/system/a.service", "[Service]\nExecStart=/opt/a\n"),
           file("usr/lib/systemd/system/b.service", "[Service]\nUser=www\nExecStart=/opt/b\n"),
           symbolic_link("etc/systemd/system/c.service", "/dev/null"), file("opt/a", "", 0777),
           file("opt/b", "", 0777)});
  CHECK(said(outcome) == Said{"root-runs-writable opt/a high"});
  CHECK(outcome.gaps().empty());
}

TEST_CASE("plugin: groups, accounts and Alpine's own members of them") {
  const auto outcome =
      run({file("etc/passwd",
                "root:x:0:0::/root:/bin/ash\nbin:x:1:1::/bin:/sbin/nologin\n"
                "operator:x:11:0::/root:/sbin/nologin\nci:x:1000:1000::/:/bin/sh\n"),
           file("etc/group",
                "root:x:0:root\nbin:x:1:root,bin\ndisk:x:6:root,bin\nwheel:x:10:root\n"
                "docker:x:999:ci\n")});
  CHECK(said(outcome) == Said{"root-group-member etc/group medium",
                              "root-group-member etc/group info",
                              "root-group-member etc/passwd info"});
}

TEST_CASE("plugin: devices by type and number") {
  CHECK(
      said(run(
          {testing::device("dev/sda", S_IFBLK, 8, 0), testing::device("dev/null", S_IFCHR, 1, 3),
           testing::device("tmp/.a/m", S_IFCHR, 1, 1), testing::device("dev/loop0", S_IFBLK, 7, 0),
           testing::device("dev/pts/0", S_IFCHR, 136, 0)})) ==
      Said{"device-node dev/sda high", "device-node tmp/.a/m high", "device-node dev/loop0 low"});
}

TEST_CASE("plugin: options add programs and expectations") {
  const std::vector<testing::Entry> entries = {program("opt/tool", 04755),
                                               program("usr/bin/find", 04755)};
  CHECK(said(run(image().layer(entries),
                 R"({"programs": ["tool=setuid:file-read", "find=none"], "expected": []})")) ==
        Said{"setuid-root-program opt/tool high", "setuid-unknown usr/bin/find medium"});
  CHECK(said(run(image().layer(entries), R"({"expected": ["opt/*", "usr/bin/find"]})")) ==
        Said{"setuid-expected opt/tool info", "setuid-expected usr/bin/find info"});
  CHECK_THROWS(run(image(), R"({"programs": ["find"]})"));
}

TEST_CASE("plugin: results do not depend on the number of jobs") {
  std::vector<testing::Entry> entries = {file("etc/sudoers", "app ALL=NOPASSWD: ALL\n", 0440)};
  for (int i = 0; i < 40; ++i)
    entries.push_back(program("opt/" + std::to_string(i) + "/find", 04755));
  auto options = shipped();
  const auto first = testing::scan<PrivilegeEscalationPlugin>(image().layer(entries), options);
  options.jobs = 3;
  options.shuffle = 7;
  const auto second = testing::scan<PrivilegeEscalationPlugin>(image().layer(entries), options);
  CHECK(first.findings() == second.findings());
}

}  // namespace meridian::privilege_escalation
