// SPDX-License-Identifier: Apache-2.0
//
// Docker with the containerd image store: which images and containers, from which containerd.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "model/reference.hpp"
#include "unit/store/containerd_fixture.hpp"

namespace meridian::store {

using namespace containerd_test;
using model::LayerIdentity;

TEST_CASE("containerd: an image is read with its names, config and snapshots", "[store]") {
  Machine machine;
  const auto manifest = machine.containerd.add_manifest({"one", "two"});
  machine.containerd.unpack({"one", "two"});
  machine.containerd.add_name("docker.io/library/demo:1", manifest);
  machine.containerd.add_name("registry.local:5000/team/app:v2", manifest);
  machine.containerd.write();
  const auto reading = read(machine.host);
  CHECK(reading.problems().empty());
  REQUIRE(reading.all().images.size() == 1);
  REQUIRE(reading.all().runtimes.size() == 1);
  CHECK(reading.all().runtimes[0].driver == "overlayfs");
  const auto& image = reading.image("demo:1");
  CHECK(image.names == std::vector<std::string>{"demo:1", "demo@" + manifest,
                                                "registry.local:5000/team/app:v2",
                                                "registry.local:5000/team/app@" + manifest});
  CHECK(image.id == image.config_digest->text());
  REQUIRE(image.present_in.size() == 1);
  CHECK(image.present_in[0].id == manifest);
  REQUIRE(image.layers.size() == 2);
  CHECK(image.layers[1].identity == LayerIdentity::kRecorded);
  CHECK(image.layers[1].diff_id == image.config.diff_ids[1]);
  CHECK(image.layers[1].dialect == model::MarkerDialect::kKernelTrusted);
  CHECK(image.layers[1].size == 3);
  CHECK(reading.contents(image.layers) == "one two ");
}

TEST_CASE("containerd: an index gives the platforms that are here, and no attestation", "[store]") {
  Machine machine;
  auto& root = machine.containerd;
  const auto amd64 = root.add_manifest({"one"});
  const auto arm64 = root.add_manifest({"one"}, "arm64");
  const auto statement = root.add_manifest({"statement"}, "unknown");
  const auto entry = [](const std::string& digest, const std::string& more) {
    return ContainerdRoot::descriptor("manifest.v1+json", digest, more);
  };
  const auto inner =
      root.add_index({entry(amd64, ContainerdRoot::platform("amd64")),
                      entry(arm64, ContainerdRoot::platform("arm64")),
                      entry(statement, ContainerdRoot::platform("unknown", "unknown")),
                      entry(ContainerdRoot::digest("x"), ContainerdRoot::platform("s390x"))});
  const auto index = root.add_index({ContainerdRoot::descriptor("index.v1+json", inner)});
  root.unpack({"one"});
  root.add_name("docker.io/library/multi:1", index);
  const auto gone = root.add_index({entry(ContainerdRoot::digest("y"), "")});
  root.add_name("docker.io/library/gone:1", gone);
  machine.add_record(docker_id('c'), index, arm64);
  root.add_container(docker_id('c'), root.unpack({"one"}));
  root.write();
  const auto reading = read(machine.host);
  CHECK(reading.all().images.size() == 2);
  REQUIRE(reading.all().problems.size() == 1);
  CHECK(reading.problems().find("none of the platforms of image 'docker.io/library/gone:1'") !=
        std::string::npos);
  for (const auto& image : reading.all().images) {
    CHECK(image.present_in[0].id == index);
    CHECK(image.names[0] == "multi:1");
  }
  REQUIRE(reading.all().containers.size() == 1);
  CHECK(reading.all().containers[0].config.platform.architecture == "arm64");
}

TEST_CASE("containerd: an index that names others again and again is followed once",
          "[store][hostile]") {
  Machine machine;
  auto& root = machine.containerd;
  const auto entry = [](const char* type, const std::string& digest) {
    return ContainerdRoot::descriptor(type, digest);
  };
  std::string index = root.add_index({entry("manifest.v1+json", root.add_manifest({"one"})),
                                      entry("manifest.v1+json", root.add_blob("{}"))});
  for (int i = 0; i < 3; ++i) {
    index = root.add_index(std::vector<std::string>(200, entry("index.v1+json", index)));
  }
  root.unpack({"one"});
  root.add_name("docker.io/library/demo:1", index);
  root.write();
  const auto reading = read(machine.host);
  INFO(reading.problems());
  CHECK(reading.all().images.size() == 1);
  REQUIRE(reading.all().problems.size() == 1);
  CHECK(reading.problems().find("neither an index nor a manifest") != std::string::npos);
}

TEST_CASE("containerd: an image of both kinds of store is one, a container is listed once",
          "[store]") {
  DockerRoot graph;
  const auto id = graph.add({{"one"}, {"demo:1"}});
  graph.add_container(docker_id('a'), DockerRoot::record(docker_id('a'), id, R"("Running":true)"),
                      {"one"});
  ContainerdRoot root(graph.host(), kPrivate);
  std::ifstream in(graph.host().at(graph.image_file(id)), std::ios::binary);
  const std::string config((std::istreambuf_iterator<char>(in)), {});
  const auto manifest = root.add_blob(
      R"({"schemaVersion":2,"config":)" +
      ContainerdRoot::descriptor("config.v1+json", root.add_blob(config)) + R"(,"layers":[)" +
      ContainerdRoot::descriptor("layer.v1.tar", ContainerdRoot::digest("one")) + "]}");
  root.add_name("docker.io/library/demo:1", manifest);
  root.add_container(docker_id('b'), root.unpack({"one"}));
  graph.host().file(std::string(kData) + "/containers/" + docker_id('b') + "/config.v2.json",
                    DockerRoot::record(docker_id('b'), manifest, R"("Running":true)", "overlayfs"));
  graph.host().file(std::string(kData) + "/containers/" + docker_id('b') + "/hostconfig.json",
                    "{}");
  graph.host().directory(std::string(kData) + "/rootfs/overlayfs");
  root.write();
  const auto reading = read(graph.host());
  CHECK(reading.problems().empty());
  CHECK(reading.all().runtimes.size() == 2);
  REQUIRE(reading.all().images.size() == 1);
  const auto& image = reading.all().images[0];
  REQUIRE(image.present_in.size() == 2);
  CHECK(image.present_in[0].id == id);
  CHECK(image.present_in[1].id == manifest);
  REQUIRE(reading.all().containers.size() == 2);
  CHECK(reading.contents(reading.all().containers[1].layers) == "one init written ");
  // Two copies on disk are two layers: one must not stand for the other.
  CHECK(reading.all().containers[1].layers[0].key() != image.layers[0].key());
}

TEST_CASE("containerd: the system's is read where dockerd runs none", "[store]") {
  struct Case {
    const char* root;
    const char* name_space;
    const char* config;  // of containerd
    const char* daemon;
  };
  const Case cases[] = {
      {"/var/lib/containerd", "moby", nullptr, nullptr},
      {"/data/ctd", "moby", "version = 3\nroot = '/data/ctd'\n", nullptr},
      {"/var/lib/containerd", "other", "", R"({"containerd-namespace":"other"})"},
      {"/data/ctd", "moby", "root = '/data/ctd'\n[grpc]\naddress = '/run/x.sock'\n",
       R"({"containerd":"/run/x.sock","data-root":"/var/lib/docker/"})"},
      // Of another daemon.
      {"/var/lib/containerd", "moby", nullptr,
       R"({"containerd":"/run/x.sock","containerd-namespace":"other","data-root":"/srv/docker"})"},
  };
  for (const Case& one : cases) {
    INFO(one.root << " " << one.name_space);
    Machine machine;
    ContainerdRoot system(machine.host, one.root, one.name_space);
    system.add_name("docker.io/library/demo:1", system.add_manifest({"one"}));
    system.add_container(docker_id('a'), system.unpack({"one"}));
    system.write();
    machine.add_record(docker_id('a'), ContainerdRoot::digest("gone"), "");
    if (one.config != nullptr) machine.host.file("etc/containerd/config.toml", one.config);
    if (one.daemon != nullptr) machine.host.file("etc/docker/daemon.json", one.daemon);
    const auto reading = read(machine.host);
    INFO(reading.problems());
    CHECK(reading.all().problems.empty());
    CHECK(reading.all().images.size() == 1);
    REQUIRE(reading.all().containers.size() == 1);
    CHECK(reading.contents(reading.all().containers[0].layers) == "one init written ");
  }
}

TEST_CASE("containerd: a socket that no configuration names is told", "[store]") {
  Machine machine;
  ContainerdRoot system(machine.host);
  system.add_name("docker.io/library/demo:1", system.add_manifest({"one"}));
  system.write();
  machine.host.file("etc/docker/daemon.json", R"({"containerd":"/run/x.sock"})");
  const auto reading = read(machine.host);
  INFO(reading.problems());
  CHECK(reading.all().images.empty());
  REQUIRE(reading.all().problems.size() == 1);
  CHECK(reading.all().problems[0].error.code() == ErrorCode::kUnsupported);
  CHECK(reading.problems().find("the containerd at /run/x.sock, which no configuration names") !=
        std::string::npos);
  // Likewise beside one that is there.
  machine.containerd.add_name("docker.io/library/own:1", machine.containerd.add_manifest({"two"}));
  machine.containerd.unpack({"two"});
  machine.containerd.write();
  const auto both = read(machine.host);
  CHECK(both.contents(both.image("own:1").layers) == "two ");
  REQUIRE(both.all().problems.size() == 1);
  CHECK(both.all().problems[0].error.code() == ErrorCode::kUnsupported);
  CHECK(both.problems().find("/run/x.sock") != std::string::npos);
}

TEST_CASE("containerd: a database that cannot be read does not take the containers", "[store]") {
  Machine machine;
  machine.host.file(machine.containerd.meta_file(), "damaged");
  ContainerdRoot system(machine.host);
  const auto manifest = system.add_manifest({"one"});
  system.add_name("docker.io/library/demo:1", manifest);
  system.add_container(docker_id('a'), system.unpack({"one"}));
  system.write();
  machine.add_record(docker_id('a'), manifest, "");
  const auto reading = read(machine.host);
  INFO(reading.problems());
  CHECK(reading.all().runtimes.size() == 2);
  REQUIRE(reading.all().problems.size() == 1);
  CHECK(reading.problems().find("no valid meta") != std::string::npos);
  REQUIRE(reading.all().containers.size() == 1);
  CHECK(reading.contents(reading.all().containers[0].layers) == "one init written ");
}

TEST_CASE("containerd: storage drivers that cannot be looked for are told, the rest is read",
          "[store]") {
  Machine machine;
  machine.containerd.add_name("docker.io/library/demo:1", machine.containerd.add_manifest({"one"}));
  machine.containerd.unpack({"one"});
  machine.containerd.write();
  CHECK(read(machine.host).problems().empty());
  const std::string images = std::string(kData) + "/image";
  machine.host.symlink(images, "image");  // to itself
  machine.host.file(Machine::record_file(docker_id('a')),
                    DockerRoot::record(docker_id('a'), "sha256:" + docker_id('1'), ""));
  const auto reading = read(machine.host);
  INFO(reading.problems());
  CHECK(reading.image("demo:1").layers.size() == 1);
  CHECK(reading.all().containers.size() == 1);
  REQUIRE_FALSE(reading.all().problems.empty());
  CHECK(reading.problems().find(images + " (): which storage drivers have images") !=
        std::string::npos);
}

TEST_CASE("containerd: a data root whose containerd is not found says so", "[store]") {
  Machine machine;
  machine.add_record(docker_id('a'), ContainerdRoot::digest("gone"), "");
  const auto reading = read(machine.host);
  REQUIRE(reading.all().problems.size() == 2);
  CHECK(reading.all().problems[0].error.code() == ErrorCode::kUnsupported);
  CHECK(reading.all().containers.size() == 1);
  machine.host.file(machine.containerd.meta_file(), "damaged");
  const auto damaged = read(machine.host);
  INFO(damaged.problems());
  CHECK(damaged.problems().find("no valid meta") != std::string::npos);
  CHECK(damaged.all().containers.size() == 1);
}

TEST_CASE("containerd: one that only runs containers is no image store", "[store]") {
  DockerRoot graph;
  graph.add({{"one"}, {"demo:1"}});
  ContainerdRoot root(graph.host(), kPrivate);
  root.space().buckets["containers"].buckets[docker_id('a')].values["image"] = "";
  root.write();
  const auto reading = read(graph.host());
  CHECK(reading.problems().empty());
  CHECK(reading.all().runtimes.size() == 1);
  CHECK(reading.all().runtimes[0].driver == "overlay2");
}

TEST_CASE("containerd: names are Docker's", "[store]") {
  CHECK(model::familiar_name("docker.io/library/demo:1") == "demo:1");
  CHECK(model::familiar_name("docker.io/team/demo:1") == "team/demo:1");
  CHECK(model::familiar_name("registry.local/library/demo:1") == "registry.local/library/demo:1");
  Machine machine;
  auto& root = machine.containerd;
  const auto manifest = root.add_manifest({"one"});
  root.unpack({"one"});
  root.add_name("moby-dangling@" + manifest, manifest);
  root.write();
  const auto reading = read(machine.host);
  REQUIRE(reading.all().images.size() == 1);
  CHECK(reading.all().images[0].names.empty());
}

}  // namespace meridian::store
