// SPDX-License-Identifier: Apache-2.0
#include "store/archive/docker_archive.hpp"

#include <cstdlib>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/store/archive_fixture.hpp"

using namespace meridian;
using namespace meridian::store;
using model::LayerIdentity;
using testing_support::TarWriter;
using testing_support::TempDir;

namespace {

struct Reading {
  std::unique_ptr<Store> store;
  model::Inventory inventory;
};

Result<Reading> read(const std::string& tar, const std::string& wanted = "") {
  const TempDir folder;  // the open descriptor outlives the name
  auto store = open_docker_archive(archive::local_unpacker(), folder.file("x.tar", tar), wanted);
  if (!store) return store.error();
  Reading out{*std::move(store), {}};
  out.store->read(3, out.inventory);
  return out;
}

const std::string kBase = layer_tar("base");
const std::string kApp = layer_tar("app!");
const std::string kConfig = config_json({kBase, kApp});
const std::string kHex = base::sha256_hex(kConfig);

// As skopeo writes it: one layer shared by a link.
TarWriter legacy() {
  TarWriter tar;
  tar.file("b/layer.tar", kBase).file("a/layer.tar", kApp).file(kHex + ".json", kConfig);
  return tar;
}

std::string legacy_entry(const std::string& tags) {
  return manifest_entry(kHex + ".json", tags, R"("b/layer.tar","a/layer.tar")");
}

}  // namespace

TEST_CASE("docker archive: the old layout") {
  const auto reading = read(
      legacy().file("manifest.json", "[" + legacy_entry(R"(["demo:1","a:2"])") + "]").finish());
  REQUIRE(reading);
  CHECK(reading->inventory.problems.empty());
  REQUIRE(reading->inventory.images.size() == 1);
  const auto& image = reading->inventory.images[0];
  CHECK(image.id == "sha256:" + kHex);
  CHECK(image.names == std::vector<std::string>{"a:2", "demo:1"});
  CHECK(image.present_in[0].store == 3);
  REQUIRE(image.layers.size() == 2);
  CHECK(image.layers[0].diff_id->hex() == base::sha256_hex(kBase));
  CHECK(image.layers[0].identity == LayerIdentity::kRecorded);
  CHECK(image.layers[0].dialect == model::MarkerDialect::kTar);
  CHECK(image.layers[0].store == 3);
  CHECK(image.layers[1].id == "a/layer.tar");
  CHECK(image.layers[1].created_by == "RUN app!");
  const auto tree = reading->store->open_layer(image.layers[1]);
  REQUIRE(tree);
  CHECK((*tree)->stat(*rootfs::RootfsPath::parse("from"))->size == 4);
  model::Layer stranger;
  stranger.id = "manifest.json";
  CHECK(reading->store->open_layer(stranger).error().code() == ErrorCode::kInvalid);
}

TEST_CASE("docker archive: the layout that is an OCI layout too") {
  TarWriter tar;
  const std::string layer = "blobs/sha256/" + base::sha256_hex(kBase);
  const std::string config = config_json({kBase});
  const std::string name = "blobs/sha256/" + base::sha256_hex(config);
  tar.file(layer, kBase).file(name, config).file("oci-layout", "{}").file("index.json", "{}");
  tar.file("manifest.json", "[" + manifest_entry(name, "null", "\"" + layer + "\"") + "]");
  const auto reading = read(tar.finish());
  REQUIRE(reading);
  CHECK(reading->inventory.problems.empty());
  CHECK(reading->inventory.images.at(0).names.empty());
}

TEST_CASE("docker archive: which image in it, by name, id, index; else what it has") {
  const std::string other = config_json({kBase});
  TarWriter tar = legacy();
  tar.file("other.json", other);
  tar.file("manifest.json",
           "[" + legacy_entry(R"(["demo:1"])") + "," +
               manifest_entry("other.json", R"(["team/app:v1"])", R"("b/layer.tar")") + "]");
  const std::string bytes = tar.finish();
  CHECK(read(bytes)->inventory.images.size() == 2);
  for (const std::string& wanted :
       {std::string("demo:1"), std::string("demo"), kHex.substr(0, 8), std::string("@0")}) {
    const auto reading = read(bytes, wanted);
    REQUIRE(reading);
    REQUIRE(reading->inventory.images.size() == 1);
    CHECK(reading->inventory.images[0].names.at(0) == "demo:1");
  }
  CHECK(read(bytes, "app")->inventory.images.at(0).names.at(0) == "team/app:v1");
  for (const char* const wanted : {"demo:2", "@2", "@", "@x", "@99999999999999999999"}) {
    INFO(wanted);
    const auto none = read(bytes, wanted);
    REQUIRE_FALSE(none);
    CHECK(none.error().code() == ErrorCode::kNotFound);
  }
  CHECK(read(bytes, "demo:2").error().message().find("demo:1, team/app:v1") != std::string::npos);
}

TEST_CASE("docker archive: a second member with the same claim is read for itself") {
  TarWriter tar = legacy();
  tar.file("evil/layer.tar", layer_tar("evil")).file("2.json", kConfig + " ");
  tar.file("manifest.json",
           "[" + legacy_entry("null") + "," +
               manifest_entry("2.json", "null", R"("evil/layer.tar","a/layer.tar")") + "]");
  const auto reading = read(tar.finish());
  REQUIRE(reading);
  REQUIRE(reading->inventory.images.size() == 2);
  const auto& first = reading->inventory.images[0].layers;
  const auto& second = reading->inventory.images[1].layers;
  CHECK(second[0].identity == LayerIdentity::kLocal);
  CHECK(first[0].key() != second[0].key());
  CHECK(first[1].key() == second[1].key());
}

TEST_CASE("docker archive: one image listed twice is one image with all its names") {
  TarWriter tar = legacy();
  tar.file("manifest.json", "[" + legacy_entry(R"(["b:1"])") + "," + legacy_entry(R"(["a:1"])") +
                                "," + manifest_entry(kHex + ".json", "null", "") + "]");
  const auto reading = read(tar.finish());
  REQUIRE(reading);
  REQUIRE(reading->inventory.images.size() == 1);
  CHECK(reading->inventory.images[0].names == std::vector<std::string>{"a:1", "b:1"});
  REQUIRE(reading->inventory.problems.size() == 1);
  CHECK(reading->inventory.problems[0].error.code() == ErrorCode::kCorrupt);
}

TEST_CASE("docker archive: what is missing or wrong costs its image, by name") {
  const std::string fine = legacy_entry(R"(["demo:1"])");
  struct Row {
    const char* what;
    std::string entry;
    ErrorCode code;
    std::size_t images;
    std::size_t layers;  // of the image after the fine one
  };
  const std::string base_only = config_json({kBase});
  for (const Row& row :
       {Row{"config is not there", manifest_entry("no.json", "null", ""), ErrorCode::kNotFound, 1,
            0},
        Row{"config is out of the archive", manifest_entry("../../etc/passwd", "null", ""),
            ErrorCode::kNotFound, 1, 0},
        Row{"config is no JSON", manifest_entry("b/layer.tar", "null", ""), ErrorCode::kCorrupt, 1,
            0},
        Row{"config is a bomb", manifest_entry("bomb.json", "null", ""), ErrorCode::kLimit, 1, 0},
        Row{"layer is not there", manifest_entry("1.json", "null", R"("no/layer.tar")"),
            ErrorCode::kNotFound, 2, 1},
        Row{"layer leaves the archive", manifest_entry("1.json", "null", R"("out/layer.tar")"),
            ErrorCode::kNotFound, 2, 1},
        Row{"more layers than diffIDs",
            manifest_entry("1.json", "null", R"("b/layer.tar","a/layer.tar")"), ErrorCode::kCorrupt,
            2, 2},
        Row{"config is not its name",
            manifest_entry("blobs/sha256/" + std::string(64, 'a'), "null", R"("b/layer.tar")"),
            ErrorCode::kIntegrity, 2, 1}}) {
    INFO(row.what);
    TarWriter tar = legacy();
    tar.file("1.json", base_only).file("bomb.json", std::string(100'000, '['));
    tar.file("blobs/sha256/" + std::string(64, 'a'), base_only);
    tar.symlink("out/layer.tar", "../../../etc/passwd");
    tar.file("manifest.json", "[" + fine + "," + row.entry + "]");
    const auto reading = read(tar.finish());
    REQUIRE(reading);
    REQUIRE(reading->inventory.images.size() == row.images);
    if (row.images == 2) CHECK(reading->inventory.images[1].layers.size() == row.layers);
    REQUIRE(reading->inventory.problems.size() == 1);
    CHECK(reading->inventory.problems[0].error.code() == row.code);
    CHECK(reading->inventory.problems[0].store == 3);
    CHECK(read(tar.finish(), "demo:1")->inventory.problems.empty());
  }
}

TEST_CASE("docker archive: layers beyond the diffIDs are local, their claims worth nothing") {
  TarWriter tar = legacy();
  tar.file("1.json", config_json({kBase}));
  tar.file("manifest.json",
           "[" + manifest_entry("1.json", "null", R"("b/layer.tar","a/layer.tar")") + "]");
  const auto reading = read(tar.finish());
  for (const auto& layer : reading->inventory.images.at(0).layers) {
    CHECK(layer.identity == LayerIdentity::kLocal);
    CHECK_FALSE(layer.diff_id);
  }
}

TEST_CASE("docker archive: a tar that is no image archive is refused with its name") {
  struct Row {
    TarWriter tar;
    ErrorCode code;
  };
  for (const Row& row :
       {Row{TarWriter().file("etc/passwd", "x"), ErrorCode::kCorrupt},
        Row{TarWriter().file("oci-layout", "{}"), ErrorCode::kCorrupt},
        Row{TarWriter().file("index.json", "{}"), ErrorCode::kUnsupported},
        Row{TarWriter().file("manifest.json", "{}"), ErrorCode::kCorrupt},
        Row{TarWriter().file("manifest.json", "[7]"), ErrorCode::kCorrupt},
        Row{TarWriter().file("manifest.json", "[{}]"), ErrorCode::kCorrupt},
        Row{TarWriter().file("manifest.json", R"([{"Config":"x","Layers":7}])"),
            ErrorCode::kCorrupt},
        Row{TarWriter().file("manifest.json", std::string(9999, '[')), ErrorCode::kLimit},
        Row{TarWriter().file("repositories", "{}"), ErrorCode::kUnsupported},
        Row{TarWriter().symlink("manifest.json", "/proc/self/environ"), ErrorCode::kCorrupt},
        Row{TarWriter().directory("manifest.json"), ErrorCode::kCorrupt}}) {
    const auto reading = read(row.tar.finish());
    REQUIRE_FALSE(reading);
    CHECK(reading.error().code() == row.code);
    CHECK(reading.error().message().find("x.tar") != std::string::npos);
  }
  CHECK(read(TarWriter().file("manifest.json", "[]").finish())->inventory.images.empty());
}

TEST_CASE("docker archive: a compressed one is decoded once") {
  const TempDir folder;
  const std::string plain = folder.file(
      "x.tar", legacy().file("manifest.json", "[" + legacy_entry(R"(["demo:1"])") + "]").finish());
  REQUIRE(std::system(("gzip -k " + plain).c_str()) == 0);
  auto store = open_docker_archive(archive::local_unpacker(), plain + ".gz", "");
  REQUIRE(store);
  model::Inventory inventory;
  (*store)->read(0, inventory);
  CHECK(inventory.images.at(0).id == "sha256:" + kHex);
  CHECK((*store)->open_layer(inventory.images[0].layers.at(0)));
}
