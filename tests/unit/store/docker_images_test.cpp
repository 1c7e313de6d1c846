// SPDX-License-Identifier: Apache-2.0
#include "store/docker/image_stores.hpp"
#include "support/catch.hpp"
#include "unit/store/docker_fixture.hpp"

using namespace meridian;
using namespace meridian::store;
using testing_support::docker_id;
using testing_support::DockerRoot;

TEST_CASE("docker images: an image has its names, config and layers, bottom first") {
  DockerRoot root;
  const auto id = root.add({{"base", "app"}, {"demo:1", "demo:latest"}});
  const auto reading = read(root);
  CHECK(reading.inventory.problems.empty());
  REQUIRE(reading.inventory.images.size() == 1);
  const auto& image = reading.inventory.images[0];
  CHECK(image.id == id);
  CHECK(image.config_digest->text() == id);
  CHECK(image.names == std::vector<std::string>{"demo:1", "demo:latest"});
  CHECK(image.config.env == std::vector<std::string>{"A=1"});
  CHECK(image.size == 7);
  CHECK(image.present_in[0].id == id);
  REQUIRE(image.layers.size() == 2);
  CHECK(image.layers[0].created_by == "RUN base");
  CHECK(image.layers[0].diff_id == DockerRoot::diff_id("base"));
  CHECK(image.layers[1].identity == model::LayerIdentity::kRecorded);
  CHECK(image.layers[1].dialect == model::MarkerDialect::kKernelTrusted);
  CHECK(reading.store->runtime().driver == "overlay2");
  for (const auto& layer : image.layers) {
    const auto tree = reading.store->open_layer(layer);
    REQUIRE(tree);
    CHECK((*tree)->stat(*rootfs::RootfsPath::parse("from")));
  }
}

TEST_CASE("docker images: a layer that two stacks share by content is one unit of work") {
  DockerRoot root;
  root.add({{"base", "app"}, {"a:1"}});
  root.add({{"other", "app"}, {"b:1"}});
  const auto reading = read(root);
  REQUIRE(reading.inventory.images.size() == 2);
  const auto& a = reading.inventory.images[0].layers[1];
  const auto& b = reading.inventory.images[1].layers[1];
  CHECK(a.id != b.id);
  CHECK(a.key() == b.key());
}

TEST_CASE("docker images: nameless parents are build steps, other nameless images are dangling") {
  DockerRoot root;
  const auto step = root.add({{"base"}, {}});
  const auto dangling = root.add({{"base", "x"}, {}, step});
  const auto named = root.add({{"y"}, {"y:1"}});
  root.add({{"y", "z"}, {"z:1"}, named});
  const auto reading = read(root);
  CHECK(reading.image(step)->intermediate);
  CHECK_FALSE(reading.image(dangling)->intermediate);
  CHECK_FALSE(reading.image(named)->intermediate);
}

TEST_CASE("docker images: parents in a circle end") {
  DockerRoot root;
  const auto a = root.add({{"a"}, {"a:1"}});
  root.host().file(
      root.root() + "/image/overlay2/imagedb/metadata/sha256/" + a.substr(7) + "/parent", a);
  CHECK(read(root).inventory.images.size() == 1);
}

TEST_CASE("docker images: a config that is not its name is kept, and is equal to none") {
  DockerRoot root;
  const auto good = root.add({{"a"}, {"a:1"}});
  const auto bad = root.add({{"b"}, {"b:1"}});
  root.host().file(root.image_file(bad), R"({"os":"linux"})");
  const auto reading = read(root);
  REQUIRE(reading.image(bad) != nullptr);
  CHECK_FALSE(reading.image(bad)->config_digest);
  CHECK(reading.image(good)->config_digest);
  const auto* const problem = reading.problem(bad.substr(7));
  REQUIRE(problem != nullptr);
  CHECK(problem->error.code() == ErrorCode::kIntegrity);
  CHECK(problem->object == bad);
}

TEST_CASE("docker images: a missing layer costs that layer, of that image, and keeps its place") {
  DockerRoot root;
  const auto hurt = root.add({{"base", "lost", "top"}, {"a:1"}});
  const auto whole = root.add({{"base"}, {"b:1"}});
  const auto lost = DockerRoot::chains({"base", "lost"}).back();

  SECTION("its record is gone") {
    root.host().remove(root.layer_folder(lost));
    const auto reading = read(root);
    REQUIRE(reading.image(hurt)->layers.size() == 3);
    CHECK(reading.image(hurt)->layers[1].missing);
    CHECK(reading.image(hurt)->layers[2].created_by == "RUN top");
    CHECK(reading.image(whole)->layers.size() == 1);
    REQUIRE(reading.problem("/cache-id") != nullptr);
    CHECK(reading.problem("/cache-id")->object == hurt);
    CHECK(reading.problem("/cache-id")->error.code() == ErrorCode::kNotFound);
  }
  SECTION("its folder is gone") {
    root.host().remove(root.root() + "/overlay2/" + DockerRoot::cache_id(lost));
    const auto reading = read(root);
    CHECK(reading.image(hurt)->layers.at(1).missing);
    REQUIRE(reading.problem(DockerRoot::cache_id(lost) + "/diff") != nullptr);
  }
  SECTION("it says another diffID than the config") {
    root.host().file(root.layer_folder(lost) + "/diff", DockerRoot::diff_id("x").text());
    const auto reading = read(root);
    CHECK(reading.image(hurt)->layers.size() == 3);
    CHECK(reading.image(hurt)->layers[1].identity == model::LayerIdentity::kLocal);
    CHECK(reading.problem("/diff")->error.code() == ErrorCode::kIntegrity);
  }
  SECTION("its size is no number, which is no reason to leave it unread") {
    root.host().file(root.layer_folder(lost) + "/size", "many");
    const auto reading = read(root);
    CHECK(reading.image(hurt)->layers[1].size == 0);
    CHECK(reading.inventory.problems.empty());
  }
}

TEST_CASE("docker images: a cache-id that is a path never becomes one") {
  DockerRoot root;
  const auto id = root.add({{"base"}, {"a:1"}});
  const std::string file = root.layer_folder(DockerRoot::chains({"base"})[0]) + "/cache-id";
  for (const std::string& evil :
       {std::string("../../../../etc"), std::string("/etc"), std::string(), std::string("l"),
        docker_id('a') + "/../x", docker_id('G'), docker_id('a') + "-init-init",
        std::string(70'000, 'a')}) {
    root.host().file(file, evil);
    const auto reading = read(root);
    INFO(evil.substr(0, 100));
    REQUIRE(reading.image(id)->layers.size() == 1);
    CHECK(reading.image(id)->layers[0].missing);
    REQUIRE(reading.problem("/cache-id") != nullptr);
    CHECK(reading.problem("/cache-id")->object == id);
  }
  model::Layer layer;
  layer.id = "../../../../etc";
  CHECK(read(root).store->open_layer(layer).error().code() == ErrorCode::kInvalid);
}

TEST_CASE("docker images: BuildKit's layer folders are layer folders") {
  DockerRoot root;
  root.add({{"base"}, {"a:1"}});
  const std::string folder = "1b6pmw0flw5bltvm3jyzrcvsh";
  root.host().file(root.layer_folder(DockerRoot::chains({"base"})[0]) + "/cache-id", folder);
  root.host().file(root.root() + "/overlay2/" + folder + "/diff/from", "base");
  const auto reading = read(root);
  CHECK(reading.inventory.problems.empty());
  CHECK(reading.inventory.images[0].layers[0].id == folder);
}

TEST_CASE("docker images: a record that cannot be read costs that image, with its file named") {
  DockerRoot root;
  const auto good = root.add({{"a"}, {"a:1"}});
  const std::string id = "sha256:" + docker_id('b');
  struct Row {
    std::string content;
    ErrorCode code;
  };
  for (const Row& row : {Row{"{\"config\":7}", ErrorCode::kCorrupt},
                         Row{std::string(100'000, '['), ErrorCode::kLimit},
                         Row{std::string((16u << 20) + 1, ' '), ErrorCode::kLimit}}) {
    root.host().file(root.image_file(id), row.content);
    const auto reading = read(root);
    CHECK(reading.image(good) != nullptr);
    CHECK(reading.image(id) == nullptr);
    bool said = false;
    for (const auto& problem : reading.inventory.problems) {
      said = said || (problem.error.code() == row.code && problem.object == id &&
                      problem.path == root.image_file(id));
    }
    CHECK(said);
  }
}

TEST_CASE("docker images: names in repositories.json that lead nowhere are said") {
  DockerRoot root;
  const auto id = root.add({{"a"}, {"a:1"}});
  root.host().remove(root.image_file(id));
  const auto reading = read(root);
  CHECK(reading.inventory.images.empty());
  REQUIRE(reading.problem("/repositories.json") != nullptr);
  CHECK(reading.problem("/repositories.json")->object == id);
}

TEST_CASE("docker images: a repositories.json that is no JSON costs the names only") {
  DockerRoot root;
  root.add({{"a"}, {"a:1"}});
  root.host().file(root.root() + "/image/overlay2/repositories.json", "{\"Repositories\":[");
  const auto reading = read(root);
  REQUIRE(reading.inventory.images.size() == 1);
  CHECK(reading.inventory.images[0].names.empty());
  CHECK(reading.problem("/repositories.json")->error.code() == ErrorCode::kCorrupt);
}

TEST_CASE("docker images: files in imagedb that are no ids are said, half-written ones are not") {
  DockerRoot root;
  root.host().file(root.image_file("sha256:README"), "x");
  root.host().file(root.image_file("sha256:.tmp-123"), "x");
  CHECK(read(root).inventory.problems.size() == 1);
}

TEST_CASE("docker images: each driver that holds something is a store; one not read says so") {
  DockerRoot root;
  root.add({{"base"}, {"demo:1"}});
  root.host().file(root.root() + "/image/btrfs/imagedb/content/sha256/" + docker_id('a'), "{}");
  root.host().directory(root.root() + "/image/zfs/imagedb/content/sha256");  // empty: nothing lost
  const auto host = rootfs::HostRoot::open(root.host().path()).value();
  model::Inventory inventory;
  const auto stores =
      open_image_stores(*host, archive::local_unpacker(),
                        {*model::HostPath::parse(root.root()), "test"}, inventory.problems);
  REQUIRE(stores.size() == 2);
  for (std::size_t i = 0; i < stores.size(); ++i) stores[i]->read(i, inventory);
  CHECK(stores[0]->runtime().driver == "btrfs");
  CHECK(stores[1]->runtime().driver == "overlay2");
  CHECK(inventory.images.size() == 1);
  REQUIRE(inventory.problems.size() == 1);
  CHECK(inventory.problems[0].path == root.root() + "/image/btrfs");
  CHECK(inventory.problems[0].error.code() == ErrorCode::kUnsupported);
  CHECK(inventory.problems[0].error.message().find("'btrfs'") != std::string::npos);
}
