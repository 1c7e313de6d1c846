// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "support/catch.hpp"
#include "unit/store/docker_fixture.hpp"

using namespace meridian;
using namespace meridian::store;
using model::ContainerState;
using model::LayerKind;
using testing_support::docker_id;
using testing_support::DockerRoot;

namespace {

const std::string kId = docker_id('c');
const std::string kRunning = R"("Running":true,"StartedAt":"2026-01-02T03:04:05Z")";

std::vector<LayerKind> kinds(const model::Container& container) {
  std::vector<LayerKind> out;
  for (const auto& layer : container.layers) out.push_back(layer.kind);
  return out;
}

}  // namespace

TEST_CASE("docker containers: image layers, then init, then the writable one") {
  DockerRoot root;
  const auto image = root.add({{"base", "app"}, {"demo:1"}});
  root.add_container(kId, DockerRoot::record(kId, image, kRunning), {"base", "app"});
  const auto reading = read(root);
  CHECK(reading.inventory.problems.empty());
  REQUIRE(reading.inventory.containers.size() == 1);
  const auto& container = reading.inventory.containers[0];
  CHECK(container.name == "c1");
  CHECK(container.state == ContainerState::kRunning);
  CHECK(container.image_id == image);
  CHECK(container.image_name == "demo:1");
  CHECK(container.config.env == std::vector<std::string>{"SECRET=abc"});
  CHECK(container.config.labels.at("team") == "x");
  CHECK(container.image_env == std::vector<std::string>{"A=1"});
  REQUIRE(container.mounts.size() == 1);
  CHECK(container.mounts[0].destination == "/data");
  CHECK(container.mounts[0].source == "/var/lib/docker/volumes/v/_data");
  CHECK(container.mounts[0].type == "volume");
  CHECK(container.mounts[0].writable);
  CHECK(container.config.raw == DockerRoot::record(kId, image, kRunning));
  CHECK(container.present_in[0].names == std::vector<std::string>{"c1"});
  CHECK(kinds(container) == std::vector<LayerKind>{LayerKind::kImage, LayerKind::kImage,
                                                   LayerKind::kInit, LayerKind::kWritable});
  CHECK(container.layers[1].created_by == "RUN app");
  CHECK(container.layers[2].id == DockerRoot::mount_id(kId) + "-init");
  CHECK(container.layers[3].id == DockerRoot::mount_id(kId));
  CHECK(container.layers[3].identity == model::LayerIdentity::kLocal);
  const auto tree = reading.store->open_layer(container.layers[3]);
  REQUIRE(tree);
  CHECK((*tree)->stat(*rootfs::RootfsPath::parse("written")));
}

TEST_CASE("docker containers: an image removed by force leaves its layers to the container") {
  DockerRoot root;
  root.add_layers({"base", "app"});
  root.add_container(kId, DockerRoot::record(kId, "sha256:" + docker_id('9'), kRunning),
                     {"base", "app"});
  const auto reading = read(root);
  CHECK(reading.inventory.problems.empty());
  const auto& container = reading.inventory.containers.at(0);
  REQUIRE(container.layers.size() == 4);
  CHECK(container.layers[0].diff_id == DockerRoot::diff_id("base"));
  CHECK(container.layers[1].diff_id == DockerRoot::diff_id("app"));
}

TEST_CASE("docker containers: what is mounted counts where the image says otherwise") {
  DockerRoot root;
  const auto image = root.add({{"base"}, {"demo:1"}});
  root.add_layers({"secret"});
  root.add_container(kId, DockerRoot::record(kId, image, kRunning), {"secret"});
  const auto reading = read(root);
  CHECK(reading.inventory.containers.at(0).layers.at(0).diff_id == DockerRoot::diff_id("secret"));
  REQUIRE(reading.problem("/parent") != nullptr);
  CHECK(reading.problem("/parent")->error.code() == ErrorCode::kIntegrity);
}

TEST_CASE("docker containers: one whose mount record is half removed is unreadable, not damaged") {
  DockerRoot root;
  const auto image = root.add({{"base"}, {"demo:1"}});
  root.add_container(kId, DockerRoot::record(kId, image, kRunning), {});
  const auto reading = read(root);
  REQUIRE(reading.problem("/parent") != nullptr);
  CHECK(reading.problem("/parent")->error.code() == ErrorCode::kNotFound);
}

TEST_CASE("docker containers: a layer that the image lost is lost to the container too, and said") {
  DockerRoot root;
  const auto image = root.add({{"base", "lost"}, {"demo:1"}});
  root.host().remove(root.layer_folder(DockerRoot::chains({"base", "lost"})[1]));
  root.add_container(kId, DockerRoot::record(kId, image, kRunning), {"base", "lost"});
  const auto reading = read(root);
  REQUIRE(reading.inventory.containers.at(0).layers.size() == 4);
  CHECK(reading.inventory.containers.at(0).layers[1].missing);
  REQUIRE(reading.problem("/config.v2.json") != nullptr);
  CHECK(reading.problem("/config.v2.json")->object == kId);
}

TEST_CASE("docker containers: a device that is not found is missing from the spec, and said") {
  DockerRoot root;
  const auto image = root.add({{"base"}, {"demo:1"}});
  root.add_container(kId, DockerRoot::record(kId, image, ""), {"base"});
  const auto configure = [&root](const std::vector<std::string>& devices, const char* more) {
    std::string list;
    for (const std::string& path : devices) {
      list += (list.empty() ? "" : ",") +
              (R"({"PathOnHost":")" + path + R"(","PathInContainer":")" + path + "\"}");
    }
    root.host().file(root.root() + "/containers/" + kId + "/hostconfig.json",
                     R"({"Devices":[)" + list + "]" + more + "}");
  };
  configure({"/dev/own"}, "");
  const auto lost = read(root);
  REQUIRE(lost.inventory.problems.size() == 1);
  REQUIRE(lost.problem("/hostconfig.json") != nullptr);
  CHECK(lost.problem("/hostconfig.json")->object == kId);
  CHECK(lost.problem("/hostconfig.json")->error.message().find("'/dev/own'") != std::string::npos);
  CHECK(lost.inventory.containers.at(0).spec_origin == model::SpecOrigin::kSynthesised);
  configure({"/dev/a", "/dev/b"}, "");
  const auto two = read(root);
  REQUIRE(two.problem("/hostconfig.json") != nullptr);
  CHECK(two.problem("/hostconfig.json")->error.message().find("'/dev/a' and 1 more") !=
        std::string::npos);
  // All of /dev is there, which need not have it.
  configure({"/dev/own"}, R"(,"Privileged":true)");
  CHECK(read(root).inventory.problems.empty());
  configure({"/dev/own"}, "");
  root.host().directory("dev");
  REQUIRE(::mkfifo(root.host().at("/dev/own").c_str(), 0600) == 0);
  const auto found = read(root);
  CHECK(found.inventory.problems.empty());
  CHECK(found.inventory.containers.at(0).privileges->devices.size() == 1);
}

TEST_CASE("docker containers: layers that stand on each other in a circle end at a limit") {
  DockerRoot root;
  root.add_layers({"base", "app"});
  const auto chains = DockerRoot::chains({"base", "app"});
  root.host().file(root.layer_folder(chains[0]) + "/parent", chains[1].text());
  root.add_container(kId, DockerRoot::record(kId, "sha256:" + docker_id('9'), kRunning),
                     {"base", "app"});
  const auto reading = read(root);
  REQUIRE(reading.inventory.problems.size() == 1);
  CHECK(reading.inventory.problems[0].error.code() == ErrorCode::kLimit);
  CHECK(reading.inventory.problems[0].object == kId);
}

TEST_CASE("docker containers: one whose record is corrupt keeps its layers and is dead") {
  DockerRoot root;
  root.add_layers({"base"});
  root.add_container(kId, "{\"State\":", {"base"});
  const auto reading = read(root);
  REQUIRE(reading.inventory.containers.size() == 1);
  CHECK(reading.inventory.containers[0].state == ContainerState::kDead);
  CHECK(reading.inventory.containers[0].layers.size() == 3);
  REQUIRE(reading.problem("/config.v2.json") != nullptr);
  CHECK(reading.problem("/config.v2.json")->object == kId);
}

TEST_CASE("docker containers: a missing mount record or folder is a problem of that container") {
  DockerRoot root;
  const auto image = root.add({{"base"}, {"demo:1"}});
  root.add_container(kId, DockerRoot::record(kId, image, kRunning), {"base"});
  const std::string mounts = root.root() + "/image/overlay2/layerdb/mounts/" + kId;

  SECTION("no record") {
    root.host().remove(mounts);
    const auto reading = read(root);
    CHECK(reading.inventory.containers.at(0).layers.empty());
    CHECK(reading.problem("/mount-id")->object == kId);
  }
  SECTION("a hostile record") {
    root.host().file(mounts + "/mount-id", "../../../../../etc");
    const auto reading = read(root);
    CHECK(reading.inventory.containers.at(0).layers.empty());
    CHECK(reading.problem("/mount-id")->error.code() == ErrorCode::kCorrupt);
  }
  SECTION("no writable folder") {
    root.host().remove(root.root() + "/overlay2/" + DockerRoot::mount_id(kId));
    const auto reading = read(root);
    CHECK(kinds(reading.inventory.containers.at(0)) ==
          std::vector<LayerKind>{LayerKind::kImage, LayerKind::kInit});
    CHECK(reading.inventory.problems.size() == 1);
  }
}

TEST_CASE("docker containers: other drivers' containers are listed and said to be unread") {
  DockerRoot root;
  root.host().file(root.root() + "/containers/" + kId + "/config.v2.json",
                   DockerRoot::record(kId, "sha256:" + docker_id('9'), kRunning, "overlayfs"));
  const auto reading = read(root);
  REQUIRE(reading.inventory.containers.size() == 1);
  CHECK(reading.inventory.containers[0].layers.empty());
  CHECK(reading.inventory.problems.at(0).error.code() == ErrorCode::kUnsupported);
  CHECK(reading.inventory.problems.at(0).object == kId);
}

TEST_CASE("docker containers: a folder that is no id, and a record of another id, are said") {
  DockerRoot root;
  root.host().directory(root.root() + "/containers/..evil");
  root.add_container(kId, DockerRoot::record(docker_id('d'), "", kRunning), {});
  const auto reading = read(root);
  CHECK(reading.inventory.containers.at(0).id == kId);
  CHECK(reading.problem("/config.v2.json")->error.code() == ErrorCode::kCorrupt);
  CHECK(reading.problem("/containers")->error.code() == ErrorCode::kCorrupt);
}
