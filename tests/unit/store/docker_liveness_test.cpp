// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/liveness.hpp"

#include "support/catch.hpp"
#include "unit/store/docker_fixture.hpp"

using namespace meridian;
using namespace meridian::store;
using model::Liveness;
using model::SpecOrigin;
using testing_support::docker_id;
using testing_support::DockerRoot;

namespace {

const std::string kId = docker_id('c');
const std::string kRunning = R"("Running":true,"Pid":4242,"StartedAt":"2026-01-02T03:04:05Z")";

std::string stat_line(const std::string& name, char state, const std::string& start) {
  return "4242 (" + name + ") " + state + " 1 4242 4242 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 " +
         start + " 1000 10 1\n";
}

void add_state(const DockerRoot& root, const std::string& start) {
  root.host().file("/run/docker/runtime-runc/moby/" + kId + "/state.json",
                   R"({"init_process_pid":4242,"init_process_start":)" + start + "}");
}

void add_bundle(const DockerRoot& root, const std::string& state_root, const std::string& spec) {
  root.host().file(state_root + "/io.containerd.runtime.v2.task/moby/" + kId + "/config.json",
                   spec);
}

struct Fixture {
  DockerRoot root;
  Fixture() {
    const auto image = root.add({{"base"}, {"demo:1"}});
    root.add_container(kId, DockerRoot::record(kId, image, kRunning), {"base"});
  }
};

}  // namespace

TEST_CASE("docker liveness: the states of runc and crun") {
  const auto runc = parse_runtime_state(R"({"init_process_pid":7,"init_process_start":9})");
  CHECK(runc.value().pid == 7);
  CHECK(runc.value().start_time == 9);
  CHECK(parse_runtime_state(R"({"pid":7,"process-start-time":9})").value().start_time == 9);
  CHECK_FALSE(parse_runtime_state("[]"));
  CHECK_FALSE(parse_runtime_state(R"({"init_process_pid":"7"})"));
}

TEST_CASE("docker liveness: pid and start time decide") {
  Fixture fixture;
  const auto liveness = [&fixture] {
    const auto reading = read(fixture.root);
    INFO((reading.inventory.problems.empty() ? "" : reading.inventory.problems[0].error.message()));
    CHECK(reading.inventory.problems.empty());
    return reading.inventory.containers.at(0).run.liveness;
  };
  const auto& host = fixture.root.host();
  CHECK(liveness() == Liveness::kUnverified);  // no procfs
  host.file("/proc/1/stat", "1 (init) S");
  CHECK(liveness() == Liveness::kStale);  // no such process
  host.file("/proc/4242/stat", stat_line("sleep", 'S', "500"));
  CHECK(liveness() == Liveness::kAlive);  // no start time to compare
  add_state(fixture.root, "500");
  CHECK(liveness() == Liveness::kVerified);
  host.file("/proc/4242/stat", stat_line("sleep", 'S', "501"));
  CHECK(liveness() == Liveness::kStale);  // another process by now
  host.file("/proc/4242/stat", stat_line("sleep", 'Z', "500"));
  CHECK(liveness() == Liveness::kStale);  // a zombie
}

TEST_CASE("docker liveness: a stale record says so and has no recorded spec") {
  Fixture fixture;
  fixture.root.host().file("/proc/1/stat", "1 (init) S");
  add_bundle(fixture.root, "/run/docker/containerd/daemon", R"({"hostname":"recorded"})");
  const auto reading = read(fixture.root);
  const auto& container = reading.inventory.containers.at(0);
  CHECK(std::string(model::state_text(container)) == "stale");
  CHECK(container.state == model::ContainerState::kRunning);
  CHECK(container.spec_origin == SpecOrigin::kSynthesised);
}

TEST_CASE("docker specs: the bundle of the private or of the system's containerd") {
  for (const char* place : {"/run/docker/containerd/daemon", "/run/containerd"}) {
    Fixture fixture;
    add_bundle(
        fixture.root, place,
        R"({"hostname":"recorded","process":{"capabilities":{"bounding":["CAP_SYS_ADMIN"]}}})");
    const auto reading = read(fixture.root);
    const auto& container = reading.inventory.containers.at(0);
    CHECK(container.spec_origin == SpecOrigin::kRecorded);
    CHECK(container.spec_json.find("recorded") != std::string::npos);
    REQUIRE(container.privileges);
    CHECK(container.privileges->added == std::vector<std::string>{"CAP_SYS_ADMIN"});
    CHECK(container.privileges->runtime_handler == "runc");
  }
}

TEST_CASE("docker specs: a bundle that is no spec is a problem, and the spec is made instead") {
  Fixture fixture;
  add_bundle(fixture.root, "/run/docker/containerd/daemon", "{");
  const auto reading = read(fixture.root);
  REQUIRE(reading.problem("/config.json") != nullptr);
  CHECK(reading.problem("/config.json")->object == kId);
  CHECK(reading.inventory.containers.at(0).spec_origin == SpecOrigin::kSynthesised);
}

TEST_CASE("docker specs: without hostconfig.json there is no spec, and that is said") {
  Fixture fixture;
  fixture.root.host().remove(fixture.root.root() + "/containers/" + kId + "/hostconfig.json");
  const auto reading = read(fixture.root);
  REQUIRE(reading.problem("/hostconfig.json") != nullptr);
  CHECK(reading.inventory.containers.at(0).spec_origin == SpecOrigin::kNone);
  CHECK_FALSE(reading.inventory.containers.at(0).privileges);
}

TEST_CASE("docker specs: a user by name is looked up in the container's own files") {
  DockerRoot root;
  const auto image = root.add({{"base"}, {"demo:1"}});
  auto record = DockerRoot::record(kId, image, kRunning);
  record.replace(record.find("\"7\""), 3, "\"app\"");
  root.add_container(kId, record, {"base"});
  SECTION("nobody of that name") {
    const auto reading = read(root);
    REQUIRE(reading.problem("/hostconfig.json") != nullptr);
    CHECK(reading.problem("/hostconfig.json")->error.message().find("'app'") != std::string::npos);
  }
  SECTION("in the writable layer") {
    root.host().file(root.root() + "/overlay2/" + DockerRoot::mount_id(kId) + "/diff/etc/passwd",
                     "app:x:1000:50::/:/bin/sh\n");
    const auto reading = read(root);
    CHECK(reading.inventory.problems.empty());
    CHECK(reading.inventory.containers.at(0).privileges->uid == 1000);
  }
  SECTION("through a link that leads out") {
    root.host().symlink(root.root() + "/overlay2/" + DockerRoot::mount_id(kId) + "/diff/etc/passwd",
                        "/../../../../../../etc/passwd");
    CHECK(read(root).problem("/hostconfig.json") != nullptr);
  }
}
