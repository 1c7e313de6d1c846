// SPDX-License-Identifier: Apache-2.0
//
// tar_split_test.cpp: what a tar-split record says of a layer's markers, and what becomes of a
// layer without one. The records are those of tests/fuzz/corpus/tar_split.
#include "store/docker/tar_split.hpp"

#include <fcntl.h>

#include "archive/split_tar.hpp"
#include "base/read_file.hpp"
#include "rootfs/layered_tree.hpp"
#include "support/catch.hpp"
#include "unit/store/docker_fixture.hpp"

namespace meridian::store {
namespace {

using rootfs::TrustedAccess;
using testing_support::DockerRoot;

std::string record(const std::string& name) {
  const std::string path = std::string(MERIDIAN_SOURCE_DIR "/tests/fuzz/corpus/tar_split/") + name;
  auto bytes = base::read_own_file(path, 1 << 20);
  REQUIRE(bytes);
  return *bytes;
}

Result<rootfs::MarkerRecord> markers(const std::string& name) {
  const std::string bytes = record(name);
  auto file = base::make_scratch_file();
  REQUIRE(file);
  REQUIRE(base::write_all(file->get(), bytes));
  return markers_of_split(archive::local_unpacker(),
                          {std::make_shared<base::UniqueFd>(*std::move(file)), 0, bytes.size(),
                           archive::BlobForm::kTarSplit},
                          name);
}

rootfs::RootfsPath at(std::string_view text) { return rootfs::RootfsPath::parse(text).value(); }

}  // namespace

TEST_CASE("tar_split: an opaque marker becomes the attribute of its directory") {
  for (const char* name : {"opaque", "not-compressed"}) {
    const auto read = markers(name);
    REQUIRE(read);
    CHECK(*read == rootfs::MarkerRecord{{at("d"), {{"trusted.overlay.opaque", "y"}}}});
  }
}

TEST_CASE("tar_split: attributes that dockerd stores are kept, metacopy and foreign ones are not") {
  const auto read = markers("attributes");
  REQUIRE(read);
  CHECK(*read == rootfs::MarkerRecord{{at("d"), {{"trusted.overlay.redirect", "/x"}}}});
}

TEST_CASE(
    "tar_split: a file's zeros are passed over at once, however many, and what follows is read") {
  const std::string bytes = record("file-of-200-gib");
  auto file = base::make_scratch_file();
  REQUIRE(file);
  REQUIRE(base::write_all(file->get(), bytes));
  const auto tar =
      archive::tar_of_split(archive::file_range(file->get(), 0, bytes.size(), "record"));
  std::string header(512, '\0');
  REQUIRE(tar->read(header.data(), header.size()).value_or(0) == header.size());
  CHECK(tar->skip(std::uint64_t{1} << 40).value_or(0) == std::uint64_t{200} << 30);
  CHECK(tar->skip(1).value_or(1) == 0);
  CHECK(tar->read(header.data(), header.size()).value_or(0) == header.size());
  CHECK(header.substr(0, 2) == "d/");

  const auto read = markers("file-of-200-gib");
  REQUIRE(read);
  CHECK(*read == rootfs::MarkerRecord{{at("d"), {{"trusted.overlay.opaque", "y"}}}});
}

TEST_CASE("tar_split: a record that is not whole is an error, not a short answer") {
  const auto [name, code] =
      GENERATE(table<std::string, ErrorCode>({{"cut", ErrorCode::kCorrupt},
                                              {"size-max", ErrorCode::kLimit},
                                              {"size-negative", ErrorCode::kCorrupt},
                                              {"payload-not-base64", ErrorCode::kCorrupt},
                                              {"type-text", ErrorCode::kCorrupt},
                                              {"depth-bomb", ErrorCode::kLimit},
                                              {"attributes-of-bsdtar", ErrorCode::kUnsupported}}));
  CAPTURE(name);
  const auto read = markers(name);
  REQUIRE_FALSE(read);
  CHECK(read.error().code() == code);
}

TEST_CASE(
    "docker_store: without the right to read them, markers come from the record or are a gap") {
  DockerRoot root;
  const std::string image = root.add({{"base", "upper"}, {"demo:1"}});
  const auto chain = DockerRoot::chains({"base", "upper"}).back();
  const std::string container = testing_support::docker_id('c');
  root.add_container(container, DockerRoot::record(container, image, ""), {"base", "upper"});
  root.host().file(root.layer_folder(chain) + "/tar-split.json.gz", record("opaque"));
  auto host = rootfs::HostRoot::open(root.host().path());
  REQUIRE(host);
  DockerStore store(**host, archive::local_unpacker(),
                    {*model::HostPath::parse(root.root()), "test"}, "overlay2", {},
                    TrustedAccess::kHidden);
  model::Inventory inventory;
  store.read(0, inventory);
  REQUIRE(inventory.containers.size() == 1);
  const auto& layers = inventory.containers[0].layers;
  REQUIRE(layers.size() == 4);
  const auto tree = [&](std::size_t i) { return store.open_layer(layers[i]).value(); };
  CHECK(tree(1)->marker_gap() == nullptr);
  CHECK(tree(1)->xattr(at("d"), "trusted.overlay.opaque").value_or("") == "y");
  CHECK_FALSE(tree(1)->xattr(at("from"), "trusted.overlay.opaque"));
  CHECK(tree(2)->marker_gap() == nullptr);  // init
  for (const std::size_t unknown : {0u, 3u}) {
    const auto without = tree(unknown);  // no record; a writable layer
    REQUIRE(without->marker_gap() != nullptr);
    CHECK(without->marker_gap()->code() == ErrorCode::kPrivilege);
  }
  const DockerStore readable(**host, archive::local_unpacker(),
                             {*model::HostPath::parse(root.root()), "test"}, "overlay2", {},
                             TrustedAccess::kReadable);
  CHECK(readable.open_layer(layers[3]).value()->marker_gap() == nullptr);
}

}  // namespace meridian::store
