// SPDX-License-Identifier: Apache-2.0
//
// Claims about Weave Ignite's records, after pkg/apis/ignite/v1alpha4: what is listed of them, and
// that nothing of their disks is said to have been read.
#include "store/collection.hpp"
#include "store/ignite/ignite_store.hpp"
#include "store/ignite/records.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using namespace meridian::store;

namespace {

constexpr const char* kMachine = R"({"kind": "VM", "apiVersion": "ignite.weave.works/v1alpha4",
  "metadata": {"name": "my-vm", "uid": "599615df99804ae8", "created": "2021-01-28T01:23:45Z"},
  "spec": {"image": {"oci": "weaveworks/ignite-ubuntu:latest"},
    "kernel": {"oci": "weaveworks/ignite-kernel:5.10.51", "cmdLine": "console=ttyS0"},
    "cpus": 1, "memory": "512MB", "diskSize": "4GB", "ssh": true,
    "storage": {"volumes": [{"name": "v0", "blockDevice": {"path": "/dev/loop0"}}],
      "volumeMounts": [{"name": "v0", "mountPath": "/data"}]}},
  "status": {"running": true, "startTime": "2021-01-28T01:24:00Z", "idPrefix": "ignite",
    "runtime": {"id": "ignite-599615df99804ae8", "name": "containerd"},
    "image": {"id": "oci://sha256:aaaa", "size": "250MB"}, "kernel": {"id": "oci://sha256:bbbb"}}})";
constexpr const char* kImage = R"({"kind": "Image",
  "metadata": {"name": "weaveworks/ignite-ubuntu:latest", "uid": "cae0ac317cca74ba"},
  "spec": {"oci": "weaveworks/ignite-ubuntu:latest"},
  "status": {"ociSource": {"id": "oci://sha256:aaaa", "size": "250MB"}}})";
constexpr const char* kKernel = R"({"kind": "Kernel", "metadata": {"uid": "92bf8e0cb8e9b0c4"},
  "spec": {"oci": "weaveworks/ignite-kernel:5.10.51"}, "status": {"version": "5.10.51"}})";

model::Inventory read(const testing_support::TempDir& folder) {
  const auto host = rootfs::HostRoot::open(folder.path());
  REQUIRE(host);
  auto store = ignite::IgniteStore::open(**host, *model::HostPath::parse(ignite::kRoot), "test");
  REQUIRE(store);
  model::Inventory inventory;
  inventory.runtimes.push_back((*store)->runtime());
  (*store)->read(0, inventory);
  if (!inventory.images.empty()) {
    CHECK((*store)->open_layer(inventory.images[0].layers[0]).error().code() ==
          ErrorCode::kUnsupported);
  }
  return inventory;
}

std::string at(const char* kind, const char* uid) {
  return std::string("var/lib/firecracker/") + kind + "/" + uid + "/metadata.json";
}

}  // namespace

TEST_CASE("ignite: machines, images and kernels are listed, and their disks are gaps") {
  const testing_support::TempDir folder;
  folder.file(at("vm", "599615df99804ae8"), kMachine);
  folder.file(at("image", "cae0ac317cca74ba"), kImage);
  folder.file(at("kernel", "92bf8e0cb8e9b0c4"), kKernel);
  const model::Inventory found = read(folder);
  REQUIRE(found.images.size() == 2);
  CHECK(found.images[0].names == std::vector<std::string>{"weaveworks/ignite-ubuntu:latest"});
  CHECK(found.images[1].layers[0].created_by == "kernel 5.10.51");
  REQUIRE(found.containers.size() == 1);
  const model::Container& machine = found.containers[0];
  CHECK(machine.name == "my-vm");
  CHECK(machine.image_id == "ignite:cae0ac317cca74ba");
  CHECK(machine.state == model::ContainerState::kRunning);
  CHECK(machine.run.liveness == model::Liveness::kUnverified);
  CHECK(machine.boundary.kind == model::Boundary::kMicroVm);
  CHECK(machine.boundary.evidence.size() == 3);
  REQUIRE(machine.mounts.size() == 1);
  CHECK(machine.mounts[0].source == "/dev/loop0");
  CHECK(machine.mounts[0].destination == "/data");
  REQUIRE(found.problems.size() == 3);
  for (const model::Problem& problem : found.problems) {
    CHECK(problem.error.code() == ErrorCode::kUnsupported);
    CHECK_FALSE(problem.object.empty());
  }
  CHECK(found.images[0].layers[0].missing);
  CHECK(machine.layers[0].missing);
}

TEST_CASE("ignite: a record that is none, or of another, is a problem that names it") {
  const testing_support::TempDir folder;
  folder.file(at("vm", "599615df99804ae8"), "{");
  folder.file(at("vm", "599615df99804ae9"), kMachine);
  folder.file(at("image", "cae0ac317cca74ba"), kKernel);
  folder.file(at("vm", "not-a-uid"), "{");
  folder.directory("var/lib/firecracker/vm/0123456789abcdef");  // being removed
  const model::Inventory found = read(folder);
  CHECK(found.images.empty());
  CHECK(found.containers.empty());
  REQUIRE(found.problems.size() == 3);
  CHECK(found.problems[0].path.find("cae0ac317cca74ba/metadata.json") != std::string::npos);
}

TEST_CASE("ignite: where it keeps nothing there is no store") {
  const testing_support::TempDir folder;
  folder.directory("var/lib/firecracker/runtime");  // firecracker-containerd's
  const auto host = rootfs::HostRoot::open(folder.path());
  const auto store =
      ignite::IgniteStore::open(**host, *model::HostPath::parse(ignite::kRoot), "test");
  REQUIRE_FALSE(store);
  CHECK(store.error().code() == ErrorCode::kNotFound);
}

TEST_CASE("ignite: members of another type are refused, absent ones are nothing") {
  CHECK(ignite::parse_record("{}"));
  CHECK(ignite::parse_record(R"({"kind": "VM"})")->volumes.empty());
  CHECK_FALSE(ignite::parse_record("[]"));
  CHECK_FALSE(ignite::parse_record(R"({"kind": "VM", "status": {"running": "yes"}})"));
  CHECK_FALSE(ignite::parse_record(R"({"kind": "VM", "spec": {"storage": []}})"));
}
