// SPDX-License-Identifier: Apache-2.0
//
// vfs_layer_test.cpp: a layer of the vfs driver: names by its record, content by the file system.
#include "store/docker/vfs_layer.hpp"

#include <memory>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "rootfs/memory_tree.hpp"
#include "support/catch.hpp"
#include "support/tar_writer.hpp"
#include "support/temp_dir.hpp"

namespace meridian::store {
namespace {

using testing_support::TarWriter;

constexpr std::size_t kBlock = 512;

/// The tar-split record of a tar of small ustar entries: bytes as they are, files by their size.
std::string record_of(const std::string& tar) {
  std::string out;
  std::string kept;
  const auto line = [&](const std::string& json) { out += json + "\n"; };
  const auto flush = [&] {
    if (!kept.empty()) line(R"({"type":2,"payload":")" + base::base64(kept) + "\"}");
    kept.clear();
  };
  for (std::size_t at = 0; at < tar.size();) {
    const std::string header = tar.substr(at, kBlock);
    kept += header;
    at += kBlock;
    const std::size_t size = header[0] == '\0' ? 0 : std::stoul(header.substr(124, 11), nullptr, 8);
    if (size == 0) continue;
    flush();
    line(R"({"type":1,"name":"f","size":)" + std::to_string(size) + "}");
    kept = std::string((kBlock - size % kBlock) % kBlock, '\0');
    at += size + kept.size();
  }
  flush();
  return out;
}

rootfs::RootfsPath at(std::string_view text) { return rootfs::RootfsPath::parse(text).value(); }

std::shared_ptr<rootfs::MemoryTree> file_system() {
  auto tree = std::make_shared<rootfs::MemoryTree>();
  for (const auto& [path, content] :
       std::map<std::string, std::string>{{"etc/own", "12345"},
                                          {"etc/lower", "of a lower layer"},
                                          {"linked", "12345"},
                                          {"changed", "longer than it was"}}) {
    rootfs::MemoryEntry entry;
    entry.content = content;
    tree->add(at(path), std::move(entry));
  }
  return tree;
}

std::shared_ptr<const rootfs::Tree> layer_of(const std::string& record) {
  auto file = base::make_scratch_file();
  REQUIRE(file);
  REQUIRE(base::write_all(file->get(), record));
  return vfs_layer(archive::local_unpacker(),
                   {std::make_shared<base::UniqueFd>(*std::move(file)), 0, record.size(),
                    archive::BlobForm::kTarSplit},
                   file_system(), "layer");
}

std::string text(const rootfs::Tree& tree, const char* path) {
  const auto content = tree.open(at(path));
  return content ? read_content(**content, 100).value() : content.error().message();
}

struct Recorder final : rootfs::Visitor {
  rootfs::WalkStep entry(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                         Opener& opener) override {
    std::string& line = seen[path.text()];
    if (stat.type != rootfs::EntryType::kRegular) return rootfs::WalkStep::kGoOn;
    const auto content = opener.open();
    line = content ? read_content(**content, 100).value() : content.error().message();
    return rootfs::WalkStep::kGoOn;
  }
  void problem(const rootfs::RootfsPath&, const Error& error) override { FAIL(error.message()); }
  std::map<std::string, std::string> seen;
};

std::string sample() {
  return record_of(TarWriter()
                       .directory("etc/")
                       .file("etc/own", "abcde", 0600)
                       .file("etc/.wh.removed", "")
                       .hardlink("linked", "etc/own")
                       .file("changed", "short")
                       .file("gone", "x")
                       .symlink("link", "etc/own")
                       .finish());
}

}  // namespace

TEST_CASE("vfs_layer: the names of the record, with the bytes of the file system") {
  const auto layer = layer_of(sample());
  const rootfs::Tree& tree = *layer;
  CHECK(tree.stat(at("etc/own"))->mode == 0600);
  CHECK(text(tree, "etc/own") == "12345");
  CHECK(text(tree, "linked") == "12345");
  CHECK(tree.readlink(at("link")).value() == "etc/own");
  CHECK(tree.stat(at("etc/.wh.removed")));
  CHECK(tree.stat(at("etc/lower")).error().code() == ErrorCode::kNotFound);
  CHECK_FALSE(tree.decoded_digest());
  Recorder recorder;
  REQUIRE(tree.walk(recorder));
  CHECK(recorder.seen["etc/own"] == "12345");
  CHECK(recorder.seen["linked"] == "12345");
  CHECK(recorder.seen.size() == 7);
}

TEST_CASE("vfs_layer: a file that is not what its record says is an error when it is opened") {
  const auto layer = layer_of(sample());
  CHECK(layer->open(at("changed")).error().code() == ErrorCode::kIntegrity);
  CHECK(layer->open(at("gone")).error().code() == ErrorCode::kNotFound);
  CHECK(layer->open(at("etc")).error().code() == ErrorCode::kInvalid);
  Recorder recorder;
  REQUIRE(layer->walk(recorder));
  CHECK(recorder.seen["changed"].find("its layer's record says 5") != std::string::npos);
}

TEST_CASE("vfs_layer: a record that is not whole is an error") {
  const std::string whole = sample();
  for (const std::string& bad : {whole.substr(0, whole.size() / 2), std::string("{"),
                                 std::string(R"({"type":1,"name":"f","size":-1})")}) {
    const auto layer = layer_of(bad);
    Recorder recorder;
    CHECK_FALSE(layer->walk(recorder));
  }
}

}  // namespace meridian::store
