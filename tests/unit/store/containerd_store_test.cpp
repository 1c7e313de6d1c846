// SPDX-License-Identifier: Apache-2.0
//
// A containerd of its own: namespaces, images, containers, pods, and how they run.
#include <fstream>

#include "support/containerd_records.hpp"
#include "unit/store/containerd_fixture.hpp"

namespace meridian::store {

using namespace containerd_test;
using model::ContainerState;
using model::Liveness;
using testing_support::any;
using testing_support::ContainerdRecord;

namespace {

constexpr const char* kState = "/run/containerd";

std::string task(const std::string& space, const std::string& id, const std::string& file) {
  return std::string(kState) + "/io.containerd.runtime.v2.task/" + space + "/" + id + "/" + file;
}

const model::Container& container(const Reading& reading, const std::string& id) {
  for (const auto& one : reading.all().containers) {
    if (one.id == id) return one;
  }
  FAIL("no container " + id + "; problems: " + reading.problems());
  throw 0;
}

/// An image of two layers, unpacked, and its name; the key of its topmost snapshot.
std::string add_image(ContainerdRoot& root, const std::string& name) {
  root.add_name(name, root.add_manifest({"one", "two"}));
  return root.unpack({"one", "two"});
}

}  // namespace

TEST_CASE("containerd: each namespace that holds something is a store", "[store]") {
  TempDir host;
  ContainerdRoot root(host, "/var/lib/containerd", "default");
  add_image(root, "docker.io/library/demo:1");
  root.meta().buckets["v1"].buckets["empty"].buckets["labels"];
  root.write();
  const auto reading = read(host);
  CHECK(reading.problems().empty());
  REQUIRE(reading.all().runtimes.size() == 1);
  const auto& runtime = reading.all().runtimes[0];
  CHECK(runtime.kind == "containerd");
  CHECK(runtime.name_space == "default");
  CHECK(runtime.root == "/var/lib/containerd");
  CHECK(runtime.driver == "overlayfs");
  const auto& image = reading.image("demo:1");
  CHECK(image.names == std::vector<std::string>{"demo:1"});
  CHECK(image.present_in[0].names == std::vector<std::string>{"docker.io/library/demo:1"});
  CHECK(reading.contents(image.layers) == "one two ");
}

TEST_CASE("containerd: one image in several namespaces is one target", "[store]") {
  TempDir host;
  ContainerdRoot root(host, "/var/lib/containerd", "default");
  add_image(root, "docker.io/library/demo:1");
  // Kubernetes' plugin calls it by its config too.
  auto& spaces = root.meta().buckets["v1"].buckets;
  spaces["k8s.io"] = spaces["default"];
  const std::string id = [&] {
    root.write();
    return read(host).image("demo:1").id;
  }();
  auto& names = root.meta().buckets["v1"].buckets["k8s.io"].buckets["images"].buckets;
  names[id] = names.begin()->second;
  root.write();
  const auto reading = read(host);
  REQUIRE(reading.all().images.size() == 1);
  const auto& image = reading.all().images[0];
  CHECK(image.names == std::vector<std::string>{"demo:1"});
  REQUIRE(image.present_in.size() == 2);
  CHECK(reading.all().runtimes[image.present_in[1].store].name_space == "k8s.io");
}

TEST_CASE("containerd: what is Docker's in it is left to Docker", "[store]") {
  Machine machine;
  machine.containerd.add_name("docker.io/library/demo:1", machine.containerd.add_manifest({"one"}));
  machine.containerd.unpack({"one"});
  machine.containerd.write();
  ContainerdRoot system(machine.host, "/var/lib/containerd", "moby");
  ContainerdRecord record{docker_id('a')};
  record.add_to(system);
  system.write();
  const auto reading = read(machine.host);
  REQUIRE(reading.all().runtimes.size() == 1);
  CHECK(reading.all().runtimes[0].kind == "docker");
  CHECK(reading.all().containers.empty());
}

TEST_CASE("containerd: without a Docker its namespace is one like others", "[store]") {
  TempDir host;
  ContainerdRoot root(host, "/var/lib/containerd", "moby");
  add_image(root, "docker.io/library/left:1");
  root.write();
  CHECK(read(host).image("left:1").layers.size() == 2);
}

TEST_CASE("containerd: a container has its layers, spec, labels and state", "[store]") {
  TempDir host;
  ContainerdRoot root(host, "/var/lib/containerd", "default");
  const auto top = add_image(root, "docker.io/library/demo:1");
  ContainerdRecord record{"web"};
  record.image = "docker.io/library/demo:1";
  record.labels = {{"nerdctl/name", "shop"}, {"tier", "front"}};
  record.spec = R"({"ociVersion":"1.0","process":{"args":["/bin/web"],"env":["A=1"],"cwd":"/srv"},
    "linux":{"cgroupsPath":"/default/web"},
    "mounts":[{"destination":"/data","type":"bind","source":"/srv/data","options":["rbind","ro"]},
              {"destination":"/proc","type":"proc","source":"proc"}]})";
  record.add_to(root);
  root.add_snapshot("web", top, "written");
  host.file(task("default", "web", "init.pid"), "321");
  host.file("/run/containerd/runc/default/web/state.json",
            R"({"init_process_pid":321,"init_process_start":77})");
  root.write();
  const auto reading = read(host);
  INFO(reading.problems());
  const auto& one = container(reading, "web");
  CHECK(one.name == "shop");
  CHECK(one.image_name == "docker.io/library/demo:1");
  CHECK(one.image_id == reading.image("demo:1").id);
  CHECK(one.config.labels.at("tier") == "front");
  CHECK(one.config.cmd == std::vector<std::string>{"/bin/web"});
  CHECK(one.config.env == std::vector<std::string>{"A=1"});
  CHECK(one.cgroup == "/default/web");
  CHECK(one.created == "2026-11-21T20:23:14Z");
  REQUIRE(one.mounts.size() == 1);
  CHECK(one.mounts[0].source == "/srv/data");
  CHECK_FALSE(one.mounts[0].writable);
  REQUIRE(one.privileges);
  CHECK(one.privileges->runtime_handler == "io.containerd.runc.v2");
  CHECK(one.spec_origin == model::SpecOrigin::kRecorded);
  REQUIRE(one.layers.size() == 3);
  CHECK(one.layers[0].diff_id == reading.image("demo:1").config.diff_ids[0]);
  CHECK(one.layers[2].kind == model::LayerKind::kWritable);
  CHECK(reading.contents(one.layers) == "one two written ");
}

TEST_CASE("containerd: a task whose process is gone has ended", "[store]") {
  TempDir host;
  host.file("/proc/1/stat", "1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0");
  host.file("/proc/1/cgroup", "0::/");
  ContainerdRoot root(host, "/var/lib/containerd", "default");
  const auto top = add_image(root, "docker.io/library/demo:1");
  for (const char* const id : {"ended", "never"}) {
    ContainerdRecord record{id};
    record.image = "docker.io/library/demo:1";
    record.add_to(root);
    root.add_snapshot(id, top, "x");
  }
  host.file(task("default", "ended", "init.pid"), "4000000");
  root.write();
  const auto reading = read(host);
  CHECK(container(reading, "ended").state == ContainerState::kExited);
  CHECK(container(reading, "ended").run.liveness == Liveness::kNotRunning);
  CHECK(container(reading, "never").state == ContainerState::kCreated);
}

TEST_CASE("containerd: pods group containers, and their status is Kubernetes' plugin's",
          "[store]") {
  TempDir host;
  ContainerdRoot root(host, "/var/lib/containerd", "k8s.io");
  const auto top = add_image(root, "registry.k8s.io/pause:3.8");
  const std::string pod = docker_id('a');
  const std::string main = docker_id('b');
  ContainerdRecord sandbox{pod};
  sandbox.image = "registry.k8s.io/pause:3.8";
  sandbox.labels = {{"io.cri-containerd.kind", "sandbox"}};
  sandbox.extensions["io.cri-containerd.sandbox.metadata"] = any(
      "github.com/containerd/cri/pkg/store/sandbox/Metadata",
      R"({"Version":"v1","Metadata":{"ID":"x","Name":"web-0_prod_u1_0","RuntimeHandler":"gvisor",
              "Config":{"metadata":{"name":"web-0","uid":"u1","namespace":"prod"}}}})");
  sandbox.add_to(root);
  ContainerdRecord member{main};
  member.image = "registry.k8s.io/pause:3.8";
  member.labels = {{"io.cri-containerd.kind", "container"}};
  member.extensions["io.cri-containerd.container.metadata"] =
      any("github.com/containerd/cri/pkg/store/container/Metadata",
          R"({"Version":"v1","Metadata":{"ID":"y","SandboxID":")" + pod +
              R"(","Config":{"metadata":{"name":"main"}}}})");
  member.add_to(root);
  root.add_snapshot(pod, top, "p");
  root.add_snapshot(main, top, "m");
  host.file(
      "/var/lib/containerd/io.containerd.grpc.v1.cri/containers/" + main + "/status",
      R"({"Version":"v1","Pid":0,"StartedAt":1795293079379118143,"FinishedAt":1795293080000000000,
                "ExitCode":137,"Reason":"OOMKilled"})");
  root.write();
  const auto reading = read(host);
  INFO(reading.problems());
  CHECK(reading.problems().empty());
  const auto& one = container(reading, main);
  CHECK(one.name == "prod/web-0/main");
  REQUIRE(one.pod);
  CHECK(one.pod->sandbox == pod);
  CHECK(one.pod->name == "web-0");
  CHECK(one.pod->uid == "u1");
  CHECK(one.state == ContainerState::kExited);
  CHECK(one.run.exit_code == 137);
  CHECK(one.run.oom_killed);
  CHECK(one.run.started == "2026-11-21T20:31:19Z");
  CHECK(container(reading, pod).name == "prod/web-0");
  CHECK(container(reading, pod).pod->sandbox == pod);

  // The handler that the pod names, against the configuration: in none, then in one.
  CHECK(one.boundary.handler == "gvisor");
  CHECK(one.boundary.state == model::HandlerState::kNotConfigured);
  REQUIRE(one.handlers);
  CHECK(one.handlers->front().handler == "runc");
  host.file("/etc/containerd/config.toml",
            "[plugins.cri.containerd.runtimes.gvisor]\nruntime_type = 'io.containerd.runsc.v1'\n");
  const auto told = read(host);
  const auto& now = container(told, main);
  CHECK(now.boundary.state != model::HandlerState::kNotConfigured);
  REQUIRE(now.handlers);
  REQUIRE(now.handlers->size() == 2);
  CHECK(now.handlers->front().handler == "gvisor");
  CHECK(now.handlers->front().kind == model::Boundary::kApplicationKernel);
  CHECK(now.handlers->front().state == model::HandlerState::kNoProgram);
}

TEST_CASE("containerd: bad records cost one container", "[store][hostile]") {
  TempDir host;
  ContainerdRoot root(host, "/var/lib/containerd", "default");
  const auto top = add_image(root, "docker.io/library/demo:1");
  ContainerdRecord good{"good"};
  good.image = "docker.io/library/demo:1";
  good.add_to(root);
  root.add_snapshot("good", top, "x");
  ContainerdRecord torn{"torn"};
  torn.image = "docker.io/library/demo:1";
  torn.add_to(root);
  root.space().buckets["containers"].buckets["torn"].values["spec"] = "\x0a\x7f";
  root.add_snapshot("torn", top, "x");
  root.space().buckets["containers"].buckets["../../etc"].values["image"] = "x";
  ContainerdRecord lost{"lost"};
  lost.add_to(root);
  root.write();
  const auto reading = read(host);
  CHECK(reading.all().containers.size() == 3);
  CHECK(container(reading, "good").layers.size() == 3);
  CHECK(container(reading, "torn").layers.size() == 3);
  CHECK_FALSE(container(reading, "torn").privileges);
  const auto problems = reading.problems();
  CHECK(problems.find("its runtime spec: is no protobuf message") != std::string::npos);
  CHECK(problems.find("container '../../etc': is no id of containerd") != std::string::npos);
  CHECK(problems.find("has no snapshot 'lost'") != std::string::npos);
}

TEST_CASE("containerd: a name that is no namespace costs that one", "[store][hostile]") {
  TempDir host;
  ContainerdRoot root(host, "/var/lib/containerd", "default");
  add_image(root, "docker.io/library/demo:1");
  auto& spaces = root.meta().buckets["v1"].buckets;
  spaces["../up"] = spaces["default"];
  root.write();
  const auto reading = read(host);
  CHECK(reading.all().images.size() == 1);
  CHECK(reading.problems().find("'../up' is no namespace of containerd") != std::string::npos);
}

TEST_CASE("containerd: a container of the native snapshotter is one whole tree", "[store]") {
  TempDir host;
  ContainerdRoot root(host, "/var/lib/containerd", "default");
  root.add_name("docker.io/library/demo:1", root.add_manifest({"one"}));
  ContainerdRecord record{"copy"};
  record.image = "docker.io/library/demo:1";
  record.snapshotter = "native";
  record.add_to(root);
  root.add_native_snapshot("copy", "all");
  root.write();
  const auto reading = read(host);
  const auto& one = container(reading, "copy");
  REQUIRE(one.layers.size() == 1);
  CHECK(one.layers[0].kind == model::LayerKind::kWritable);
  CHECK(reading.contents(one.layers) == "all ");
}

TEST_CASE("containerd: configuration files announce roots, of every flavour", "[store]") {
  TempDir host;
  ContainerdRoot moved(host, "/data/containerd", "default");
  add_image(moved, "docker.io/library/moved:1");
  moved.write();
  host.file("/etc/containerd/config.toml", "root = '/data/containerd'\nstate = '/data/state'\n");
  ContainerdRoot k3s(host, "/var/lib/rancher/k3s/agent/containerd", "k8s.io");
  add_image(k3s, "docker.io/library/k3s:1");
  k3s.write();
  ContainerdRoot own(host, "/home/ann/.local/share/containerd", "default");
  add_image(own, "docker.io/library/own:1");
  own.write();
  host.file("/etc/passwd", "ann:x:1000:1000::/home/ann:/bin/sh\n");
  const auto reading = read(host);
  CHECK(reading.problems().empty());
  REQUIRE(reading.all().runtimes.size() == 3);
  CHECK(reading.all().runtimes[0].found_by == "/etc/containerd/config.toml: root");
  CHECK(reading.all().runtimes[1].found_by == "k3s");
  CHECK(reading.all().runtimes[2].found_by == "rootless");
}

}  // namespace meridian::store
