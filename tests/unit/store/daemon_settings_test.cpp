// SPDX-License-Identifier: Apache-2.0
//
// daemon_settings_test.cpp: texts that say where a dockerd keeps its files.
#include "store/docker/daemon_settings.hpp"
#include "store/docker/engine_version.hpp"
#include "store/docker/service_file.hpp"
#include "store/procfs/mount_table.hpp"
#include "support/catch.hpp"

namespace meridian::store {
namespace {

using Words = std::vector<std::string>;

Words command_of(std::string_view unit) {
  ServiceFile service;
  service.add(unit);
  const auto commands = service.commands();
  return commands.empty() ? Words() : commands.front();
}

}  // namespace

TEST_CASE("daemon settings: runtimes are read from both, the command line's win", "[store]") {
  const auto file = parse_daemon_json(
      R"({"default-runtime":"sandbox","runtimes":{"sandbox":{"path":"/usr/bin/runsc","runtimeArgs":["--debug"]},
          "vm":{"runtimeType":"io.containerd.kata.v2","options":{"ConfigPath":"/k.toml"}},
          "shim":{"runtimeType":"io.containerd.runc.v2","options":{"BinaryName":"/usr/bin/crun"}}}})");
  REQUIRE(file);
  DaemonSettings all =
      settings_of_flags({"--add-runtime", "sandbox=/opt/runsc", "--add-runtime=other=/opt/other"});
  all.fill_from(*file);
  CHECK(file->handlers.at("sandbox").arguments == Words{"--debug"});
  CHECK(all.default_handler == "sandbox");
  CHECK(all.handlers.at("sandbox").program == "/opt/runsc");
  CHECK(all.handlers.at("other").program == "/opt/other");
  CHECK(all.handlers.at("vm").shim == "io.containerd.kata.v2");
  CHECK(all.handlers.at("vm").config == "/k.toml");
  CHECK(all.handlers.at("shim").program == "/usr/bin/crun");
  CHECK_FALSE(parse_daemon_json(R"({"runtimes":{"a":"b"}})"));
}

TEST_CASE("parse_daemon_json: the new key, else the old one; the exec root") {
  CHECK(parse_daemon_json("{}") == DaemonSettings());
  CHECK(parse_daemon_json(R"({"graph":"/old"})")->data_root == "/old");
  CHECK(parse_daemon_json(R"({"graph":"/old","data-root":"/new"})")->data_root == "/new");
  CHECK(parse_daemon_json(R"({"exec-root":"/run/d2"})") ==
        DaemonSettings{"", "/run/d2", "", "", ""});
  const auto other = parse_daemon_json(R"({"containerd":"/x.sock","containerd-namespace":"n"})");
  CHECK(other == DaemonSettings{"", "", "", "/x.sock", "n"});
  CHECK_FALSE(parse_daemon_json(R"({"data-root":7})"));
  CHECK_FALSE(parse_daemon_json("{,}"));
  CHECK_FALSE(parse_daemon_json("[]"));
}

TEST_CASE("settings_of_flags: every spelling, the last one counts") {
  const auto root = [](const Words& words) { return settings_of_flags(words).data_root; };
  CHECK(root({"--data-root=/a"}) == "/a");
  CHECK(root({"--data-root", "/a"}) == "/a");
  CHECK(root({"-g", "/a"}) == "/a");
  CHECK(root({"-g/a"}) == "/a");
  CHECK(root({"-g=/a"}) == "/a");
  CHECK(root({"--graph=/a", "--data-root=/b"}) == "/b");
  CHECK(root({"--data-root"}).empty());
  CHECK(root({"--data-rooted=/a", "--group", "x"}).empty());
  const auto all = settings_of_flags({"-H", "fd://", "--exec-root=/run/x", "--config-file", "/c",
                                      "--containerd=/x.sock", "--containerd-namespace", "n"});
  CHECK(all == DaemonSettings{"", "/run/x", "/c", "/x.sock", "n"});
}

TEST_CASE("daemon_words: dockerd by its names, nothing else") {
  CHECK(daemon_words({"/usr/bin/dockerd", "-H", "fd://"}) == Words{"-H", "fd://"});
  CHECK(daemon_words({"dockerd-rootless.sh"}) == Words());
  CHECK(daemon_words({"/usr/bin/docker", "daemon", "-g", "/a"}) == Words{"-g", "/a"});
  CHECK_FALSE(daemon_words({"/usr/bin/docker", "ps"}));
  CHECK_FALSE(daemon_words({"/usr/bin/dockerd-wrapper"}));
  CHECK_FALSE(daemon_words({"vi", "/etc/init.d/dockerd"}));
  CHECK_FALSE(daemon_words({}));
}

TEST_CASE("service file: the command as systemd would run it") {
  CHECK(command_of("[Unit]\nExecStart=/no\n[Service]\nExecStart = -/bin/a  'b c' \"d\\\"e\"\n") ==
        Words{"/bin/a", "b c", "d\"e"});
  CHECK(command_of("[Service]\nExecStart=/bin/a \\\n  --x \\\n--y\n# ExecStart=/no\n") ==
        Words{"/bin/a", "--x", "--y"});
  CHECK(command_of("[Service]\nExecStart=/no\nExecStart=\nExecStart=@/bin/a\n") == Words{"/bin/a"});
  CHECK(command_of("[Service]\nEnvironment=A=1 \"B=2 3\"\nExecStart=/a $B x${A}y $C ${C} $B-\n") ==
        Words{"/a", "2", "3", "x1y", "", "$B-"});
  CHECK(command_of("[Service]\nExecStart=/a ${B").size() == 2);
  CHECK(command_of("").empty());
}

TEST_CASE("service file: drop-ins and files of variables") {
  ServiceFile unit;
  unit.add(
      "[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=/bin/dockerd $DOCKER_OPTS\n");
  CHECK(unit.environment_files() == Words{"/etc/default/docker"});
  unit.set(
      parse_assignments("# DOCKER_OPTS=no\nexport DOCKER_OPTS=\"-g /a --b='c d'\" # old\nX\n"));
  CHECK(unit.commands() == std::vector<Words>{{"/bin/dockerd", "-g", "/a", "--b=c d"}});
  unit.add("[Service]\nExecStart=\nExecStart=/bin/dockerd --data-root=/b\n");
  CHECK(unit.commands() == std::vector<Words>{{"/bin/dockerd", "--data-root=/b"}});
}

TEST_CASE("mount table: a path of another namespace, by what is mounted there") {
  const auto machine = parse_mounts(
      "21 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
      "22 21 8:2 / /var/lib/docker rw - ext4 /dev/sdb rw\n"
      "23 22 0:40 / /var/lib/docker/overlay2/aa/merged rw - overlay overlay rw\n"
      "nonsense\n");
  REQUIRE(machine.size() == 3);
  const auto inside = parse_mounts(
      "30 1 0:40 / / rw - overlay overlay rw\n"
      "31 30 8:2 /volumes/v/_data /var/lib/docker rw - ext4 /dev/sdb rw\n"
      "32 30 0:50 / /dev/with\\040space rw - tmpfs tmpfs rw\n"
      "33 30 8:1 /srv/x /mnt rw - ext4 /dev/sda1 rw\n");
  CHECK(translate("/var/lib/docker", inside, machine) == "/var/lib/docker/volumes/v/_data");
  CHECK(translate("/var/lib/docker/x", inside, machine) == "/var/lib/docker/volumes/v/_data/x");
  CHECK(translate("/var/lib/dockers", inside, machine) ==
        "/var/lib/docker/overlay2/aa/merged/var/lib/dockers");
  CHECK(translate("/mnt", inside, machine) == "/srv/x");
  CHECK(inside[2].point == "/dev/with space");
  CHECK_FALSE(translate("/dev/with space/x", inside, machine));
  CHECK_FALSE(translate("relative", inside, machine));
  CHECK(translate("/var/lib/docker/x", machine, machine) == "/var/lib/docker/x");
  // The same mount, though another one leads there too.
  const auto twice = parse_mounts("1 0 8:1 / / rw\n2 1 8:1 /srv/data /alias rw\n");
  CHECK(translate("/srv/data/x", twice, twice) == "/srv/data/x");
  CHECK_FALSE(translate("/x", {}, machine));
}

TEST_CASE("dockerd_of_dpkg: the installed one") {
  CHECK(dockerd_of_dpkg("Package: a\nVersion: 1\n\nPackage: docker-ce\nStatus: install ok "
                        "installed\nVersion: 5:28.1\n") == "5:28.1 (docker-ce)");
  CHECK(dockerd_of_dpkg("Package: docker.io\nStatus: deinstall ok config-files\nVersion: 1\n")
            .empty());
  CHECK(dockerd_of_dpkg("").empty());
}

}  // namespace meridian::store
