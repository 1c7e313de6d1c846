// SPDX-License-Identifier: Apache-2.0
//
// Containerd's files, made to mislead: each costs its own object, and is told.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "base/limits.hpp"
#include "store/containerd/encoding.hpp"
#include "store/containerd/snapshots.hpp"
#include "unit/store/containerd_fixture.hpp"

namespace meridian::store {

using namespace containerd_test;

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

TEST_CASE("containerd: a snapshot that lost its parent does not stand on nothing",
          "[store][hostile]") {
  testing_support::BboltTree tree;
  auto& all = tree.buckets["v1"].buckets["snapshots"].buckets;
  all["moby/1/low"].values = {{"id", "\x01"}};
  all["moby/2/high"].values = {{"id", "\x02"}, {"parent", "moby/1/low"}, {"size", "\x08"}};
  testing_support::BboltFile file;
  const auto root = file.add(tree);
  std::string bytes = file.finish(root);
  const auto whole = containerd::Snapshots::parse(bytes).value();
  CHECK(whole.find("moby/1/low")->parent.empty());
  CHECK(whole.find("moby/2/high")->parent == "moby/1/low");
  bytes[bytes.find("parent")] = 'a';  // before "id": out of order
  const auto damaged = containerd::Snapshots::parse(bytes).value();
  CHECK(damaged.find("moby/1/low")->parent.empty());
  CHECK(damaged.find("moby/2/high").error().code() == ErrorCode::kCorrupt);
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
