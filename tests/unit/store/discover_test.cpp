// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "unit/store/docker_fixture.hpp"

using namespace meridian;
using namespace meridian::store;
using testing_support::DockerRoot;

namespace {

Discovery look(const DockerRoot& root, const std::vector<StoreSpec>& specs = {},
               DiscoverMode mode = DiscoverMode::kEverything) {
  static std::vector<std::unique_ptr<rootfs::HostRoot>> alive;
  alive.push_back(rootfs::HostRoot::open(root.host().path()).value());
  return discover(*alive.back(), archive::local_unpacker(), specs, mode);
}

std::vector<std::string> roots(const Discovery& discovery) {
  std::vector<std::string> out;
  for (const auto& store : discovery.stores) out.push_back(store->runtime().root);
  return out;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("store spec: KIND=ROOT[,STATE], known kinds, absolute roots") {
  const auto spec = StoreSpec::parse("docker=/srv/docker,/run/x");
  REQUIRE(spec);
  CHECK(spec->kind == "docker");
  CHECK(spec->root == "/srv/docker");
  CHECK(spec->state == "/run/x");
  for (const char* const bad : {"", "docker", "docker=", "docker=relative", "=/x", "Docker=/x"}) {
    INFO(bad);
    REQUIRE_FALSE(StoreSpec::parse(bad));
    CHECK(StoreSpec::parse(bad).error().code() == ErrorCode::kInvalid);
  }
  CHECK(StoreSpec::parse("podman=/x").error().message().find("known are: docker") !=
        std::string::npos);
}

TEST_CASE("discover: the default location") {
  const DockerRoot root;
  const auto found = look(root);
  CHECK(roots(found) == Strings{"/var/lib/docker"});
  CHECK(found.stores[0]->runtime().found_by == "default location");
  CHECK(found.problems.empty());
}

TEST_CASE("discover: daemon.json moves it, and the default is still tried") {
  const DockerRoot root("/data/docker");
  root.host().file("etc/docker/daemon.json", R"({"data-root":"/data/docker"})");
  auto found = look(root);
  CHECK(roots(found) == Strings{"/data/docker"});
  CHECK(found.stores[0]->runtime().found_by == "/etc/docker/daemon.json: data-root");
  REQUIRE(found.looked_at.size() >= 2);
  CHECK(found.looked_at[0] == "/data/docker (/etc/docker/daemon.json: data-root)");
  CHECK(found.looked_at[1] == "/var/lib/docker (default location)");
  CHECK(found.problems.empty());
  root.host().file("etc/docker/daemon.json", R"({"graph":"/data/docker"})");
  CHECK(roots(look(root)) == Strings{"/data/docker"});
}

TEST_CASE("discover: a daemon.json that cannot be read is named, and the default is still tried") {
  const DockerRoot root;
  for (const char* const text : {"{", "[]", R"({"data-root":7})", R"({"data-root":"relative"})"}) {
    INFO(text);
    root.host().file("etc/docker/daemon.json", text);
    const auto found = look(root);
    CHECK(roots(found) == Strings{"/var/lib/docker"});
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].path == "/etc/docker/daemon.json");
    CHECK(found.problems[0].store == model::kNoStore);
  }
}

TEST_CASE("discover: one root under two names is one store") {
  const DockerRoot root("/data/docker");
  root.host().symlink("var/lib/docker", "/data/docker");
  root.host().file("etc/docker/daemon.json", R"({"data-root":"/data/../data/docker"})");
  CHECK(look(root).stores.size() == 1);
  CHECK(look(root, {{"docker", "/data/docker", ""}}).stores.size() == 1);
}

TEST_CASE("discover: an absolute link below the host root stays below it") {
  const DockerRoot root("/data/docker");
  root.host().symlink("var/lib/docker", "/data/docker");
  CHECK(roots(look(root)) == Strings{"/var/lib/docker"});
}

TEST_CASE("discover: given specs only, where the user says so") {
  const DockerRoot root;
  CHECK(look(root, {}, DiscoverMode::kSpecsOnly).stores.empty());
  const auto found = look(root, {{"docker", "/srv/absent", ""}}, DiscoverMode::kSpecsOnly);
  CHECK(found.stores.empty());
  CHECK(found.looked_at == Strings{"/srv/absent (--store)"});
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].error.code() == ErrorCode::kNotFound);
  CHECK(found.problems[0].error.message().find("/srv/absent") != std::string::npos);
}

TEST_CASE("discover: a given folder that is no data root is said") {
  const DockerRoot root;
  root.host().directory("srv/other/containers");
  const auto found =
      look(root, {{"docker", "/srv/other", ""}, {"lxc", "/x", ""}}, DiscoverMode::kSpecsOnly);
  REQUIRE(found.problems.size() == 2);
  CHECK(found.problems[0].error.code() == ErrorCode::kNotFound);
  CHECK(found.problems[1].error.code() == ErrorCode::kInvalid);
}

TEST_CASE("discover: userns-remap keeps the store one folder deeper") {
  const DockerRoot root("/var/lib/docker/100000.100000");
  const auto found = look(root);
  CHECK(roots(found) == Strings{"/var/lib/docker/100000.100000"});
  CHECK(found.problems.empty());
}

TEST_CASE("discover: a host without Docker has no store and no problem") {
  const DockerRoot root("/elsewhere");
  const auto found = look(root);
  CHECK(found.stores.empty());
  CHECK(found.problems.empty());
  CHECK(found.looked_at ==
        Strings{"/var/lib/docker (default location)",
                "/var/snap/docker/common/var-lib-docker (snap)",
                "~/.local/share/docker of the users in /etc/passwd (rootless)",
                "/var/lib/containerd (containerd: default location)",
                "/var/lib/rancher/k3s/agent/containerd (containerd: k3s)",
                "/var/lib/rancher/rke2/agent/containerd (containerd: RKE2)",
                "/var/snap/microk8s/common/var/lib/containerd (containerd: MicroK8s)",
                "/var/lib/firecracker-containerd/containerd (containerd: firecracker-containerd)",
                "/var/lib/containers/storage (podman: default location)",
                "/var/lib/firecracker (ignite: default location)"});
}
