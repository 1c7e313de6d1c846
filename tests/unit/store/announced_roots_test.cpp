// SPDX-License-Identifier: Apache-2.0
//
// announced_roots_test.cpp: who says where a data root is, in made host roots.
#include "store/docker/announced_roots.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace meridian::store {
namespace {

using testing_support::TempDir;

struct Host : TempDir {
  Host() { directory("etc"); }
  void data_root(const std::string& path) const {
    directory(path + "/containers");
    directory(path + "/image/overlay2/imagedb/content/sha256");
  }
  /// A process as procfs shows it. `words` end with NUL each.
  void process(int pid, const std::string& words, const std::string& mounts_of = "4026531840",
               const std::string& environment = "") const {
    const std::string folder = "proc/" + std::to_string(pid);
    file(folder + "/stat", "");
    file(folder + "/cmdline", words);
    file(folder + "/environ", environment);
    symlink(folder + "/ns/mnt", "mnt:[" + mounts_of + "]");
  }
  Discovery discovered() {
    root_ = rootfs::HostRoot::open(path()).value();
    return discover(*root_, archive::local_unpacker(), {}, DiscoverMode::kEverything);
  }
  /// "ROOT by FOUND_BY" of each store.
  std::vector<std::string> found() {
    std::vector<std::string> out;
    for (const auto& store : discovered().stores) {
      out.push_back(store->runtime().root + " by " + store->runtime().found_by);
    }
    return out;
  }
  /// What announced_roots() says of `path`.
  AnnouncedRoot announced(const std::string& path) {
    root_ = rootfs::HostRoot::open(this->path()).value();
    std::vector<model::Problem> problems;
    for (const AnnouncedRoot& one : announced_roots(*root_, problems)) {
      if (one.path == path) return one;
    }
    return {};
  }

 private:
  std::unique_ptr<rootfs::HostRoot> root_;
};

using Strings = std::vector<std::string>;
using namespace std::string_literals;

}  // namespace

TEST_CASE("announced roots: running daemons, by flag, by their file, by default") {
  Host host;
  for (const char* const root : {"srv/one", "srv/two", "var/lib/docker"}) host.data_root(root);
  host.process(1, "init\0"s);
  host.process(10, "/usr/bin/dockerd\0--data-root\0/srv/one\0--exec-root=/run/one\0"s);
  host.process(11, "/usr/bin/dockerd\0--config-file=/etc/two.json\0"s);
  host.process(12, "/usr/bin/dockerd\0-H\0fd://\0"s);
  host.process(13, "grep\0dockerd\0--data-root=/srv/none\0"s);
  host.file("etc/two.json", R"({"data-root":"/srv/two","exec-root":"/run/two"})");
  CHECK(host.found() == Strings{"/srv/one by dockerd, process 10: --data-root",
                                "/srv/two by dockerd, process 11: data-root in /etc/two.json",
                                "/var/lib/docker by dockerd, process 12"});
  CHECK(host.announced("/srv/one").daemon.exec_root == "/run/one");
  CHECK(host.announced("/srv/two").daemon.exec_root == "/run/two");
  CHECK(host.discovered().problems.empty());
}

TEST_CASE("announced roots: a running daemon's root that is not there is a problem") {
  Host host;
  host.process(1, "init\0"s);
  host.process(10, "dockerd\0--data-root=/srv/gone\0"s);
  const auto discovery = host.discovered();
  CHECK(discovery.stores.empty());
  REQUIRE(discovery.problems.size() == 1);
  CHECK(discovery.problems[0].error.code() == ErrorCode::kNotFound);
  CHECK(discovery.problems[0].path == "/srv/gone");
}

TEST_CASE("announced roots: a daemon in a container, by what is mounted there") {
  Host host;
  host.data_root("var/lib/docker/volumes/v/_data");
  host.process(1, "init\0"s);
  host.file("proc/1/mountinfo", "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  host.process(10, "dockerd\0"s, "4026532000");
  host.file("proc/10/mountinfo",
            "30 1 0:40 / / rw - overlay overlay rw\n"
            "31 30 8:1 /var/lib/docker/volumes/v/_data /var/lib/docker rw - ext4 /dev/sda1 rw\n");
  CHECK(host.found() == Strings{"/var/lib/docker/volumes/v/_data by dockerd, process 10"});
  host.process(11, "dockerd\0-g\0/data\0"s, "4026532001");
  host.file("proc/11/mountinfo", "30 1 0:41 / / rw - overlay overlay rw\n");
  const auto problems = host.discovered().problems;
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].error.code() == ErrorCode::kUnsupported);
  CHECK(problems[0].error.message().find("'/data'") != std::string::npos);
}

TEST_CASE("announced roots: a rootless daemon, from its environment and from its user's home") {
  Host host;
  host.data_root("home/ann/.local/share/docker");
  host.data_root("home/bob/elsewhere");
  host.file("etc/passwd",
            "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:\nbob:x:1001:1::/home/bob:\n"
            "none:x:9:9::/:\nbroken\n");
  host.file("home/bob/.config/docker/daemon.json", R"({"data-root":"/home/bob/elsewhere"})");
  CHECK(host.found() ==
        Strings{"/home/ann/.local/share/docker by rootless, default location",
                "/home/bob/elsewhere by /home/bob/.config/docker/daemon.json: data-root"});
  CHECK(host.announced("/home/ann/.local/share/docker").daemon.exec_root ==
        "/run/user/1000/docker");
  host.process(1, "init\0"s);
  host.process(7, "dockerd\0"s, "4026531840",
               "HOME=/home/ann\0ROOTLESSKIT_STATE_DIR=/x\0XDG_RUNTIME_DIR=/run/user/1000\0"s);
  CHECK(host.found().at(0) == "/home/ann/.local/share/docker by dockerd, process 7");
}

TEST_CASE("announced roots: systemd units, drop-ins, variables of a defaults file") {
  Host host;
  for (const char* const root : {"srv/a", "srv/b", "srv/c", "srv/d"}) host.data_root(root);
  const std::string unit = "[Service]\nExecStart=/usr/bin/dockerd -H fd:// ";
  host.file("lib/systemd/system/docker.service", unit + "--data-root=/srv/hidden\n");
  host.file("etc/systemd/system/docker.service", unit + "--data-root /srv/a\n");
  host.file("usr/lib/systemd/system/docker-b.service", unit + "$OPTS\nEnvironmentFile=/etc/b\n");
  host.file("etc/b", "OPTS=\"-g /srv/b\"\n");
  host.file("usr/lib/systemd/system/docker-c.service", unit + "\n");
  host.file("etc/systemd/system/docker-c.service.d/10-root.conf",
            "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd --data-root=/srv/c\n");
  host.file("etc/default/docker", "DOCKER_OPTS='--data-root=/srv/d'\n");
  host.file("usr/lib/systemd/system/docker@.service", unit + "--data-root=/srv/%i\n");
  host.symlink("run/systemd/system/docker-masked.service", "/dev/null");
  CHECK(host.found() == Strings{"/srv/b by /usr/lib/systemd/system/docker-b.service: --data-root",
                                "/srv/c by /usr/lib/systemd/system/docker-c.service: --data-root",
                                "/srv/a by /etc/systemd/system/docker.service: --data-root",
                                "/srv/d by /etc/default/docker: --data-root"});
  const auto problems = host.discovered().problems;
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].path == "/usr/lib/systemd/system/docker@.service");
}

TEST_CASE("announced roots: snap") {
  Host host;
  host.data_root("var/snap/docker/common/var-lib-docker");
  CHECK(host.found() == Strings{"/var/snap/docker/common/var-lib-docker by snap"});
}

TEST_CASE("announced roots: a thousand processes that say they are dockerd are a limit") {
  Host host;
  host.process(1, "init\0"s);
  for (int pid = 100; pid < 200; ++pid) host.process(pid, "dockerd\0-g\0/srv/x\0"s);
  host.data_root("srv/x");
  const auto discovery = host.discovered();
  CHECK(discovery.stores.size() == 1);
  REQUIRE(discovery.problems.size() == 1);
  CHECK(discovery.problems[0].error.code() == ErrorCode::kLimit);
}

}  // namespace meridian::store
