// SPDX-License-Identifier: Apache-2.0
//
// Docker with the containerd image store: where the layers of images and containers are.
#include <algorithm>

#include "unit/store/containerd_fixture.hpp"

namespace meridian::store {

using namespace containerd_test;
using model::LayerIdentity;
using model::LayerKind;

TEST_CASE("containerd: a layer that is not unpacked is read from its blob", "[store]") {
  Machine machine;
  auto& root = machine.containerd;
  const auto manifest = root.add_manifest({"one", "two", "three"});
  root.add_name("docker.io/library/demo:1", manifest);
  root.unpack({"one"});
  root.label_blob(root.add_blob("two"), ContainerdRoot::digest("two"));
  root.add_blob("three");
  root.write();
  const auto reading = read(machine.host);
  CHECK(reading.problems().empty());
  const auto& layers = reading.image("demo:1").layers;
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].dialect == model::MarkerDialect::kKernelTrusted);
  CHECK(layers[1].dialect == model::MarkerDialect::kTar);
  CHECK(layers[1].identity == LayerIdentity::kRecorded);
  CHECK(layers[1].digest->text() == ContainerdRoot::digest("two"));
  // Nobody but the manifest says what it unpacks to.
  CHECK(layers[2].identity == LayerIdentity::kLocal);
}

TEST_CASE("containerd: a layer that is nowhere keeps its place and is a problem", "[store]") {
  Machine machine;
  auto& root = machine.containerd;
  root.add_name("docker.io/library/demo:1", root.add_manifest({"one", "two"}));
  root.unpack({"one"});
  const auto native = root.add_manifest({"three"});
  root.add_name("docker.io/library/native:1", native);
  root.space()
      .buckets["snapshots"]
      .buckets["native"]
      .buckets[ContainerdRoot::digest("three")]
      .values["name"] = "moby/7/x";
  root.write();
  const auto reading = read(machine.host);
  CHECK(reading.image("demo:1").layers[1].missing);
  CHECK(reading.image("native:1").layers[0].missing);
  CHECK(reading.all().problems.size() == 2);
  CHECK(reading.problems().find("neither unpacked nor in the content store") != std::string::npos);
  CHECK(reading.problems().find("the snapshotter 'native', which is not read") !=
        std::string::npos);
}

TEST_CASE("containerd: a container stands on its image, its init and its own snapshot", "[store]") {
  Machine machine;
  auto& root = machine.containerd;
  const auto manifest = root.add_manifest({"one", "two"});
  root.add_name("docker.io/library/demo:1", manifest);
  root.add_container(docker_id('a'), root.unpack({"one", "two"}));
  machine.add_record(docker_id('a'), manifest, "");
  root.add_container(docker_id('b'), root.unpack({"six"}));  // its image is gone
  machine.add_record(docker_id('b'), ContainerdRoot::digest("gone"), "");
  root.add_container(docker_id('c'), root.unpack({"one"}));  // says another image than it is
  machine.add_record(docker_id('c'), manifest, "");
  machine.host.file(Machine::record_file(docker_id('d')), "{");
  root.add_container(docker_id('d'), root.unpack({"one"}));
  machine.add_record(docker_id('e'), manifest, "");  // no snapshot
  root.write();
  const auto reading = read(machine.host);
  REQUIRE(reading.all().containers.size() == 5);
  const auto container = [&](char digit) {
    const auto& all = reading.all().containers;
    return *std::find_if(all.begin(), all.end(),
                         [&](const auto& each) { return each.id == docker_id(digit); });
  };
  const auto a = container('a');
  CHECK(reading.contents(a.layers) == "one two init written ");
  CHECK(a.layers[2].kind == LayerKind::kInit);
  CHECK(a.layers[3].kind == LayerKind::kWritable);
  CHECK(a.layers[3].identity == LayerIdentity::kLocal);
  CHECK(a.layers[1].key() == reading.image("demo:1").layers[1].key());
  CHECK(a.image_id == reading.image("demo:1").id);
  CHECK(a.image_env == std::vector<std::string>{"A=1"});
  CHECK(reading.contents(container('b').layers) == "six init written ");
  CHECK(container('b').layers[0].diff_id->text() == ContainerdRoot::digest("six"));
  CHECK(reading.contents(container('c').layers) == "one init written ");
  CHECK(reading.contents(container('d').layers) == "one init written ");
  CHECK(container('d').state == model::ContainerState::kDead);
  CHECK(container('e').layers.empty());
  const std::string problems = reading.problems();
  INFO(problems);
  CHECK(reading.all().problems.size() == 3);
  CHECK(problems.find("(" + docker_id('c') + "): stands on '") != std::string::npos);
  CHECK(problems.find("has no snapshot '" + docker_id('e')) != std::string::npos);
}

TEST_CASE("containerd: a container has a runtime spec, privileges, mounts and a state",
          "[store][spec]") {
  Machine machine;
  auto& root = machine.containerd;
  const auto manifest = root.add_manifest({"one", "two"});
  root.add_name("docker.io/library/demo:1", manifest);
  root.unpack({"one"});
  machine.host.file(root.snapshotter() + "/snapshots/1/fs/etc/passwd", "app:x:41:42::/:/bin/sh\n");
  root.add_container(docker_id('a'), root.unpack({"one", "two"}));
  const auto record_of = [&](const char* state) {
    std::string record = DockerRoot::record(docker_id('a'), manifest, state, "overlayfs");
    record.replace(record.find(R"("User":"7")"), 10, R"("User":"app")");
    machine.host.file(Machine::record_file(docker_id('a')), record);
  };
  machine.add_record(docker_id('a'), manifest, "");
  record_of(R"("StartedAt":"2026-01-02T03:04:05Z")");
  root.write();
  const auto stopped = read(machine.host);
  CHECK(stopped.problems().empty());
  const model::Container made = stopped.all().containers.at(0);
  CHECK(made.spec_origin == model::SpecOrigin::kSynthesised);
  const auto spec = model::OciSpec::parse(made.spec_json).value();
  CHECK(spec.root_path == "/var/lib/docker/rootfs/overlayfs/" + docker_id('a'));
  CHECK(spec.process.user.uid == 41);
  CHECK(made.host_config_json.find("runc") != std::string::npos);
  CHECK(made.mounts.size() == 2);
  REQUIRE(made.privileges);
  CHECK(made.privileges->runtime_handler == "runc");
  // While it runs: what it was started with, where the user says that the engine's state is.
  record_of(R"("Running":true,"Pid":77,"StartedAt":"2026-01-02T03:04:05Z")");
  machine.host.file("/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/" +
                        docker_id('a') + "/config.json",
                    R"({"ociVersion":"1.2.0","root":{"path":"/recorded"},"process":{}})");
  const auto running = read(machine.host);
  CHECK(running.problems().empty());
  const model::Container& recorded = running.all().containers.at(0);
  CHECK(recorded.spec_origin == model::SpecOrigin::kRecorded);
  CHECK(recorded.run.liveness == model::Liveness::kUnverified);
  CHECK(recorded.spec_json.find("/recorded") != std::string::npos);
  machine.host.file("/proc/1/stat", "1 (init) S 0");
  const auto stale = read(machine.host);
  CHECK(stale.all().containers.at(0).run.liveness == model::Liveness::kStale);
  CHECK(stale.all().containers.at(0).spec_origin == model::SpecOrigin::kSynthesised);
}

TEST_CASE("containerd: a snapshot whose folder is gone does not hide those below", "[store]") {
  Machine machine;
  auto& root = machine.containerd;
  const auto manifest = root.add_manifest({"one"});
  root.add_name("docker.io/library/demo:1", manifest);
  root.add_container(docker_id('a'), root.unpack({"one"}));
  machine.add_record(docker_id('a'), manifest, "");
  root.write();
  machine.host.remove(root.snapshotter() + "/snapshots/3");
  const auto reading = read(machine.host);
  INFO(reading.problems());
  REQUIRE(reading.all().problems.size() == 2);
  for (const auto& problem : reading.all().problems) CHECK(problem.object == docker_id('a'));
  CHECK(reading.all().problems[1].error.message().find("no runtime spec can be made") == 0);
  const auto& layers = reading.all().containers.at(0).layers;
  REQUIRE(layers.size() == 3);
  CHECK(layers[2].missing);
  CHECK(reading.content(layers[0]) == "one");
}

TEST_CASE("containerd: only the lowest snapshot is a diffID, and only if it is there", "[store]") {
  Machine machine;
  auto& root = machine.containerd;
  const auto gone = ContainerdRoot::digest("gone");  // the image
  root.add_container(docker_id('a'), root.unpack({"one", "two"}));
  machine.add_record(docker_id('a'), gone, "");
  root.add_container(docker_id('b'), root.unpack({"six"}));
  machine.add_record(docker_id('b'), gone, "");
  // Of the first the lowest has no record any more, of the second no folder.
  for (auto& [name, record] : root.snapshots().buckets) {
    if (name.find(ContainerdRoot::digest("one")) != std::string::npos) record.values.erase("id");
    if (name.find(ContainerdRoot::digest("six")) == std::string::npos) continue;
    const int number = record.values.at("id").at(0);
    machine.host.remove(root.snapshotter() + "/snapshots/" + std::to_string(number));
  }
  root.write();
  const auto reading = read(machine.host);
  INFO(reading.problems());
  REQUIRE(reading.all().containers.size() == 2);
  const auto& cut = reading.all().containers[0].layers;
  CHECK(reading.contents(cut) == "two init written ");
  CHECK_FALSE(cut.at(0).diff_id);
  CHECK(cut.at(0).identity == LayerIdentity::kLocal);
  const auto& lost = reading.all().containers[1].layers;
  REQUIRE(lost.size() == 3);
  CHECK(lost[0].missing);
  CHECK_FALSE(lost[0].diff_id);
}

TEST_CASE("containerd: what stands otherwise than the image says is a problem", "[store]") {
  Machine machine;
  auto& root = machine.containerd;
  root.add_name("docker.io/library/demo:1", root.add_manifest({"one", "two"}));
  root.unpack({"one", "two"});
  root.add_snapshot("other", "", "other");
  auto& snapshots = root.snapshots().buckets;
  snapshots["moby/102/" + root.unpack({"one", "two"})].values["parent"] = "moby/103/other";
  root.write();
  const auto reading = read(machine.host);
  REQUIRE(reading.all().problems.size() == 1);
  CHECK(reading.all().problems[0].error.code() == ErrorCode::kIntegrity);
}

TEST_CASE("containerd: where markers cannot be read blobs come first, the rest is a gap",
          "[store]") {
  Machine machine;
  auto& root = machine.containerd;
  const std::string two(1024, '\0');  // an empty tar
  const auto manifest = root.add_manifest({"one", two});
  root.add_name("docker.io/library/demo:1", manifest);
  root.add_container(docker_id('a'), root.unpack({"one", two}));
  machine.add_record(docker_id('a'), manifest, "");
  root.label_blob(root.add_blob(two), ContainerdRoot::digest(two));
  root.write();
  const auto host = rootfs::HostRoot::open(machine.host.path()).value();
  const auto path = *model::HostPath::parse(kPrivate);
  ContainerdImageStore store(*host, archive::local_unpacker(),
                             {{*model::HostPath::parse(kData), "test"}, path},
                             containerd::Metadata::open(*host, path, "moby"), ContainerShare::kAll,
                             rootfs::TrustedAccess::kHidden);
  model::Inventory inventory;
  store.read(0, inventory);
  CHECK(inventory.problems.empty());
  const auto& layers = inventory.containers.at(0).layers;
  REQUIRE(layers.size() == 4);
  CHECK(layers[0].dialect == model::MarkerDialect::kKernelTrusted);
  CHECK(layers[1].dialect == model::MarkerDialect::kTar);
  const auto gap = [&](std::size_t i) {
    return store.open_layer(layers[i]).value()->marker_gap() != nullptr;
  };
  CHECK(gap(0));
  CHECK_FALSE(gap(1));
  CHECK_FALSE(gap(2));
  CHECK(gap(3));
}

}  // namespace meridian::store
