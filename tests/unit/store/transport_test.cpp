// SPDX-License-Identifier: Apache-2.0
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using namespace meridian::store;
using testing_support::TempDir;

TEST_CASE("transport: dir is one image of one local layer without markers") {
  const TempDir folder;
  folder.file("etc/passwd", "x");
  folder.file("etc/.wh.gone", "a file of that name");
  auto store =
      open_transport(archive::local_unpacker(), *model::Reference::parse("dir:" + folder.path()));
  REQUIRE(store);
  model::Inventory inventory;
  (*store)->read(2, inventory);
  REQUIRE(inventory.images.size() == 1);
  const auto& image = inventory.images[0];
  CHECK(image.id == "dir:" + folder.path());
  CHECK_FALSE(image.config_digest);
  REQUIRE(image.layers.size() == 1);
  CHECK(image.layers[0].kind == model::LayerKind::kDirectory);
  CHECK(image.layers[0].identity == model::LayerIdentity::kLocal);
  CHECK(image.layers[0].dialect == model::MarkerDialect::kNone);
  CHECK(image.layers[0].store == 2);
  for (int i = 0; i < 2; ++i) {
    const auto tree = (*store)->open_layer(image.layers[0]);
    REQUIRE(tree);
    CHECK((*tree)->list(*rootfs::RootfsPath::parse("etc"))->size() == 2);
  }
}

TEST_CASE("transport: a path that is absent or something else, by name") {
  const TempDir folder;
  const auto file = folder.file("file", "x");
  struct Row {
    std::string reference;
    ErrorCode code;
  };
  for (const Row& row :
       {Row{"dir:" + folder.at("absent"), ErrorCode::kNotFound},
        Row{"dir:" + file, ErrorCode::kInvalid}, Row{"dir:" + file + "/x", ErrorCode::kNotFound},
        Row{"docker-archive:" + folder.at("absent"), ErrorCode::kNotFound},
        Row{"docker-archive:" + folder.path(), ErrorCode::kInvalid},
        Row{"docker-archive:" + file, ErrorCode::kCorrupt}}) {
    INFO(row.reference);
    const auto opened =
        open_transport(archive::local_unpacker(), *model::Reference::parse(row.reference));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == row.code);
    CHECK(opened.error().message().find(folder.path()) != std::string::npos);
  }
}

TEST_CASE("transport: those that are not built say so and which are") {
  for (const char* const text :
       {"containers-storage:x", "docker-daemon:x", "containerd:a/b", "docker://x"}) {
    const auto opened = open_transport(archive::local_unpacker(), *model::Reference::parse(text));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == ErrorCode::kUnsupported);
    CHECK(opened.error().message().find("docker-archive, oci, oci-archive and dir") !=
          std::string::npos);
  }
}
