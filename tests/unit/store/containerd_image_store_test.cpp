// SPDX-License-Identifier: Apache-2.0
//
// Docker with the containerd image store, from a data root and its containerd to the inventory.
#include "store/docker/containerd_image_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "base/limits.hpp"
#include "store/collection.hpp"
#include "store/containerd/encoding.hpp"
#include "support/catch.hpp"
#include "support/containerd_root.hpp"
#include "support/docker_root.hpp"

namespace meridian::store {
namespace {

using model::LayerIdentity;
using model::LayerKind;
using testing_support::ContainerdRoot;
using testing_support::docker_id;
using testing_support::DockerRoot;
using testing_support::TempDir;

constexpr const char* kData = "/var/lib/docker";
constexpr const char* kPrivate = "/var/lib/docker/containerd/daemon";

/// A data root without a storage driver, with its own containerd.
struct Machine {
  TempDir host;
  ContainerdRoot containerd{host, kPrivate};
  Machine() {
    host.directory(std::string(kData) + "/containers");
    host.file(std::string(kData) + "/engine-id", "x");
  }
  void add_record(const std::string& id, const std::string& image, const std::string& manifest) {
    std::string record = DockerRoot::record(id, image, R"("Running":true)", "overlayfs");
    if (!manifest.empty()) {
      record.insert(1, R"("ImageManifest":{"digest":")" + manifest + R"("},)");
    }
    host.file(record_file(id), record);
    host.file(std::string(kData) + "/containers/" + id + "/hostconfig.json",
              R"({"Runtime":"runc","NetworkMode":"host","Tmpfs":{"/tt":""}})");
  }
  static std::string record_file(const std::string& id) {
    return std::string(kData) + "/containers/" + id + "/config.v2.json";
  }
};

struct Reading {
  std::unique_ptr<rootfs::HostRoot> host;
  std::unique_ptr<Collection> stores;

  const model::Inventory& all() const { return stores->inventory(); }
  std::string problems() const {
    std::string text;
    for (const auto& problem : all().problems) {
      text += problem.path + " (" + problem.object + "): " + problem.error.message() + "\n";
    }
    return text;
  }
  const model::Image& image(const std::string& name) const {
    const auto found =
        std::find_if(all().images.begin(), all().images.end(), [&](const model::Image& image) {
          return std::count(image.names.begin(), image.names.end(), name) != 0;
        });
    INFO(name);
    REQUIRE(found != all().images.end());
    return *found;
  }
  std::string content(const model::Layer& layer) const {
    const auto tree = stores->open_layer(layer);
    if (!tree) return tree.error().message();
    const auto file = (*tree)->open(*rootfs::RootfsPath::parse("from"));
    if (!file) return file.error().message();
    return rootfs::read_content(**file, 1000).value();
  }
  std::string contents(const std::vector<model::Layer>& layers) const {
    std::string text;
    for (const auto& layer : layers) text += content(layer) + " ";
    return text;
  }
};

Reading read(const TempDir& host) {
  Reading out;
  out.host = rootfs::HostRoot::open(host.path()).value();
  Discovery found = discover(*out.host, {}, DiscoverMode::kEverything);
  out.stores = std::make_unique<Collection>(std::move(found.stores), std::move(found.problems));
  return out;
}

}  // namespace

TEST_CASE("containerd: numbers are read as Go writes them", "[store][containerd]") {
  using containerd::parse_uvarint;
  using containerd::parse_varint;
  CHECK(parse_varint("\xfa\x0d") == 893);
  CHECK(parse_varint("\x08") == 4);
  CHECK(parse_varint("\x01") == -1);
  CHECK(parse_uvarint("\x7f") == 127);
  CHECK(parse_uvarint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") == UINT64_MAX);
  for (const std::string wrong :
       {"", "\x80", "\x01\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"}) {
    INFO(wrong.size());
    CHECK_FALSE(parse_uvarint(wrong));
  }
}

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

TEST_CASE("containerd: hostile records cost their own object", "[store][hostile]") {
  Machine machine;
  auto& root = machine.containerd;
  root.add_name("docker.io/library/good:1", root.add_manifest({"one"}));
  root.unpack({"one"});
  root.add_name("path", "sha256:../../../../etc/shadow");
  root.space().buckets["images"].buckets["no-target"];
  const auto wrong = root.add_manifest({"two"});
  machine.host.file(root.blob_file(wrong), "{}");
  root.add_name("changed", wrong);
  const auto loop = docker_id('f');
  root.add_container(loop, "");
  machine.add_record(loop, ContainerdRoot::digest("gone"), "");
  // Snapshots that stand on each other in a circle.
  std::string init, own;
  for (const auto& [name, record] : root.snapshots().buckets) {
    if (name.find(loop + "-init") != std::string::npos) {
      init = name;
    } else if (name.find(loop) != std::string::npos) {
      own = name;
    }
  }
  root.snapshots().buckets[init].values["parent"] = own;
  const auto no_id = docker_id('e');
  root.add_container(no_id, "");
  machine.add_record(no_id, "", "");
  for (auto& [name, record] : root.snapshots().buckets) {
    if (name.find(no_id) != std::string::npos) record.values["id"] = "../../etc";
  }
  root.write();
  const auto reading = read(machine.host);
  const std::string problems = reading.problems();
  INFO(problems);
  CHECK(reading.content(reading.image("good:1").layers[0]) == "one");
  CHECK(reading.all().images.size() == 1);
  CHECK(reading.all().containers.size() == 2);
  CHECK(problems.find("image 'path': ") != std::string::npos);
  CHECK(problems.find("image 'no-target': has no target") != std::string::npos);
  CHECK(problems.find("its content is sha256:") != std::string::npos);
  CHECK(problems.find("more than " + std::to_string(limits::kMaxLayers) + " snapshots") !=
        std::string::npos);
  CHECK(problems.find("has no id") != std::string::npos);
  model::Layer outside;
  outside.id = "overlayfs/../../x";
  CHECK_FALSE(reading.stores->open_layer(outside));
  outside.id = "blob/sha256:../x";
  CHECK_FALSE(reading.stores->open_layer(outside));
}

TEST_CASE("containerd: a damaged bucket is told, and costs only its image", "[store][hostile]") {
  Machine machine;
  auto& root = machine.containerd;
  root.add_name("docker.io/library/good:1", root.add_manifest({"one"}));
  root.unpack({"one"});
  root.add_name("docker.io/library/bad:1", root.add_manifest({"two"}));
  root.write();
  // The inline bucket "target" of bad:1 says that it is a branch.
  const std::string file = machine.host.at(root.meta_file());
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  std::size_t damaged = 0;
  for (auto at = bytes.find("target"); at != std::string::npos; at = bytes.find("target", at + 1)) {
    const std::size_t flags = at + 6 + 16 + 8;
    if (damaged++ == 0) bytes[flags] = 1;
  }
  CHECK(damaged == 2);
  machine.host.file(root.meta_file(), bytes);
  const auto reading = read(machine.host);
  const std::string problems = reading.problems();
  INFO(problems);
  CHECK(reading.all().images.size() == 1);
  CHECK(problems.find("bucket 'v1/moby/images/docker.io/library/") != std::string::npos);
  CHECK(problems.find("inline bucket: is a branch") != std::string::npos);
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
  CHECK(familiar_name("docker.io/library/demo:1") == "demo:1");
  CHECK(familiar_name("docker.io/team/demo:1") == "team/demo:1");
  CHECK(familiar_name("registry.local/library/demo:1") == "registry.local/library/demo:1");
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
  ContainerdImageStore store(*host, {{*model::HostPath::parse(kData), "test"}, path},
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

TEST_CASE("containerd: the fuzzer's corpus is these databases and numbers", "[store]") {
  using testing_support::BboltFile;
  using testing_support::BboltTree;
  BboltTree meta;
  BboltTree& space = meta.buckets["v1"].buckets["moby"];
  const std::string digest = ContainerdRoot::digest("x");
  space.buckets["images"].buckets["docker.io/library/x:1"].buckets["target"].values = {
      {"digest", digest}, {"mediatype", "t"}};
  space.buckets["images"].buckets["digest-is-path"].buckets["target"].values = {
      {"digest", "sha256:../../etc/shadow"}};
  space.buckets["images"].values["image-is-value"] = "x";
  space.buckets["content"].buckets["blob"].buckets[digest].buckets["labels"].values = {
      {"containerd.io/uncompressed", digest}};
  space.buckets["snapshots"].buckets["overlayfs"].buckets["key"].values["name"] = "moby/1/key";
  BboltTree snapshots;
  auto& snapshot = snapshots.buckets["v1"].buckets["snapshots"].buckets["moby/1/key"].values;
  snapshot = {{"id", "\x07"}, {"parent", "moby/1/key"}, {"size", "\x08"}};
  const auto file_of = [](const BboltTree& tree) {
    BboltFile file;
    const auto root = file.add(tree);
    return file.finish(root);
  };
  const std::map<std::string, std::string> corpus = {
      {"meta", file_of(meta)},
      {"snapshots", file_of(snapshots)},
      {"number-longest", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
      {"number-65-bits", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"},
      {"number-unended", "\x80\x80"},
      {"number-overlong", std::string("\x80\x80\x00", 3)}};
  const std::string folder = std::string(MERIDIAN_SOURCE_DIR) + "/tests/fuzz/corpus/containerd/";
  for (const auto& [name, bytes] : corpus) {
    INFO(name);
    if (std::getenv("MERIDIAN_ACCEPT") != nullptr) {
      std::ofstream(folder + name, std::ios::binary) << bytes;
    }
    std::ifstream in(folder + name, std::ios::binary);
    CHECK(std::string((std::istreambuf_iterator<char>(in)), {}) == bytes);
  }
}

}  // namespace meridian::store
