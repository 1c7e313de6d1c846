// SPDX-License-Identifier: Apache-2.0
//
// tar_tree_test.cpp: a layer's tar with what only a tar can have.
#include "rootfs/tar_tree.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "archive/compressed.hpp"
#include "base/sha256.hpp"
#include "rootfs/sample_tree.hpp"

namespace meridian::rootfs {
namespace {

using archive::Compression;
using testing_support::TarMember;
using testing_support::TarWriter;

std::string text(const Tree& tree, std::string_view path) {
  const auto content = tree.open(at(path));
  if (!content) return "error: " + content.error().message();
  return read_content(**content, 10 << 20).value_or("error");
}

std::string plain_tar() {
  return TarWriter()
      .directory("etc/")
      .file("etc/passwd", "root")
      .file("big", std::string(2 << 20, 'B'))
      .hardlink("hard", "etc/passwd")
      .finish();
}

}  // namespace

TEST_CASE("tar_tree: the digest is of the decoded bytes, whatever they are stored as") {
  const std::string tar = plain_tar() + std::string(7 * 512, '\0');
  const std::string digest = "sha256:" + base::sha256_hex(tar);
  const Compression compression =
      GENERATE(Compression::kNone, Compression::kGzip, Compression::kZstd, Compression::kBzip2,
               Compression::kXz);
  const auto tree =
      tar_tree(compression == Compression::kNone ? tar : archive::compress(compression, tar));
  CHECK_FALSE(tree->decoded_digest());
  CHECK(text(*tree, "etc/passwd") == "root");
  CHECK(tree->decoded_digest().value_or("none") == digest);
  const auto walked = tar_tree(tar);
  Recorder recorder;
  REQUIRE(walked->walk(recorder));
  CHECK(walked->decoded_digest().value_or("none") == digest);
}

TEST_CASE(
    "tar_tree: the stored digest is of the bytes as they are, the decoded one of what follows") {
  const std::string tar = plain_tar() + std::string(7 * 512, '\0');
  const Compression compression =
      GENERATE(Compression::kNone, Compression::kGzip, Compression::kZstd);
  const std::string stored =
      compression == Compression::kNone ? tar : archive::compress(compression, tar);
  const auto tree = tar_tree(stored);
  CHECK_FALSE(tree->stored_digest());
  Recorder recorder;
  REQUIRE(tree->walk(recorder));
  CHECK(tree->stored_digest().value_or("none") == "sha256:" + base::sha256_hex(stored));
  CHECK(tree->decoded_digest().value_or("none") == "sha256:" + base::sha256_hex(tar));
}

TEST_CASE("tar_tree: only a range of the file is the layer") {
  const std::string tar = plain_tar();
  BlobRange blob = blob_of("head" + tar + "tail");
  blob.offset = 4;
  blob.size = tar.size();
  const TarTree tree(archive::local_unpacker(), blob, "layer");
  CHECK(text(tree, "etc/passwd") == "root");
  CHECK(text(tree, "big").size() == 2 << 20);
}

TEST_CASE("tar_tree: a hard link is visited as what it leads to, with its content") {
  Recorder recorder;
  const auto tree = tar_tree(plain_tar());
  REQUIRE(tree->walk(recorder));
  CHECK(recorder.problems.empty());
  CHECK(recorder.seen["hard"] == recorder.seen["etc/passwd"]);
  CHECK(text(*tree, "hard") == "root");
  CHECK(tree->stat(at("hard"))->size == 4);
}

TEST_CASE("tar_tree: a hard link keeps the content that its target had then") {
  TarWriter tar;
  tar.file("a", "first")
      .hardlink("b", "a")
      .file("a", "second")
      .symlink("s", "t")
      .hardlink("sl", "s");
  const auto tree = tar_tree(tar.finish());
  CHECK(text(*tree, "a") == "second");
  CHECK(text(*tree, "b") == "first");
  CHECK(tree->readlink(at("sl")).value_or("") == "t");
}

TEST_CASE("tar_tree: a hard link to nothing, to itself or to a directory is a problem of its own") {
  TarWriter tar;
  tar.directory("d/").hardlink("x", "none").hardlink("y", "d").hardlink("z", "z").file("f", "f");
  const auto tree = tar_tree(tar.finish());
  Recorder recorder;
  REQUIRE(tree->walk(recorder));
  REQUIRE(recorder.problems.size() == 3);
  for (const auto& [path, error] : recorder.problems) {
    CHECK(error.code() == ErrorCode::kCorrupt);
    if (path == "x") CHECK(error.message().find("not in this layer") != std::string::npos);
  }
  CHECK(recorder.seen.count("f") == 1);
  CHECK(tree->stat(at("x")).error().code() == ErrorCode::kNotFound);
}

TEST_CASE("tar_tree: a hard link before its target is looked up and visited, and said") {
  TarWriter tar;
  tar.hardlink("early", "target").hardlink("replaced", "target").file("replaced", "own");
  tar.hardlink("chain", "early").hardlink("backward", "chain2").hardlink("chain2", "target");
  tar.file("over", "old").hardlink("over", "target").hardlink("dir", "target").file("dir/f", "f");
  tar.file("target", "late");
  const auto tree = tar_tree(tar.finish());
  Recorder recorder;
  REQUIRE(tree->walk(recorder));
  std::set<std::string> said;
  for (const auto& [path, error] : recorder.problems) {
    CHECK(error.code() == ErrorCode::kCorrupt);
    said.insert(path);
  }
  CHECK(said == std::set<std::string>{"early", "chain", "backward", "chain2", "over"});
  for (const char* name : {"early", "chain", "chain2", "over", "target"}) {
    INFO(name);
    CHECK(text(*tree, name) == "late");
    CHECK(recorder.seen[name] == recorder.seen["target"]);
  }
  // In order once, not until nothing changes: a chain written backwards stays open, and is said.
  CHECK(tree->stat(at("backward")).error().code() == ErrorCode::kNotFound);
  CHECK(text(*tree, "replaced") == "own");
  CHECK(text(*tree, "dir/f") == "f");
}

TEST_CASE("tar_tree: contents in any order, small and large ones, forwards, backwards and twice") {
  TarWriter tar;
  std::map<std::string, std::string> files;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "f" + std::to_string(i);
    const std::size_t size = i % 3 == 0 ? 200'000 : i % 7 == 0 ? 0 : 100;
    files[name] = std::string(size, static_cast<char>('a' + i % 26));
    tar.file(name, files[name]);
  }
  const auto tree = tar_tree(archive::compress(Compression::kGzip, tar.finish()));
  std::vector<std::string> order;
  for (int i = 0; i < 40; ++i) order.push_back("f" + std::to_string(i));
  const int way = GENERATE(0, 1, 2);
  if (way == 1) std::reverse(order.begin(), order.end());
  if (way == 2) {
    for (std::size_t i = 0; i < order.size(); ++i) std::swap(order[i], order[i * 17 % 40]);
  }
  for (const std::string& name : order) CHECK(text(*tree, name) == files[name]);
  for (const std::string& name : order) CHECK(text(*tree, name) == files[name]);
}

TEST_CASE("tar_tree: contents past what memory may hold are spooled") {
  TarWriter tar;
  constexpr int kFiles = 1100;  // of 64 KiB: more than limits::kMaxKeptContent
  for (int i = 0; i < kFiles; ++i) {
    tar.file("f" + std::to_string(i), std::string(64 << 10, static_cast<char>('a' + i % 26)));
  }
  const auto tree = tar_tree(tar.finish());
  for (int round = 0; round < 2; ++round) {
    for (const int i : {kFiles - 1, kFiles - 2, 0, kFiles / 2}) {
      const auto content = text(*tree, "f" + std::to_string(i));
      CHECK(content.size() == 64 << 10);
      CHECK(content.back() == static_cast<char>('a' + i % 26));
    }
  }
}

TEST_CASE("tar_tree: of a tar that is cut short what comes before the cut can be read again") {
  const std::string whole =
      TarWriter().file("a", std::string(200'000, 'a')).file("b", "b").file("c", "cc").finish();
  const auto tree = tar_tree(whole.substr(0, 200'192 + 512 + 1024 + 300));
  CHECK(text(*tree, "b") == "b");
  CHECK(text(*tree, "a").size() == 200'000);
  CHECK(text(*tree, "c").substr(0, 6) == "error:");
  CHECK(text(*tree, "b") == "b");
}

TEST_CASE("tar_tree: absolute, upward and dotted names stay inside; parents may be implied") {
  TarWriter tar;
  tar.directory("./").file("./a", "a").file("/b", "b").file("../../c", "c").file("x/../d", "d");
  tar.file("deep/er/f", "f");
  const auto tree = tar_tree(tar.finish());
  for (const char* name : {"a", "b", "c", "d"}) CHECK(text(*tree, name) == name);
  CHECK(tree->stat(at("deep/er"))->mode == 0755);
  CHECK(tree->list(at("deep"))->size() == 1);
  Recorder recorder;
  REQUIRE(tree->walk(recorder));
  CHECK(recorder.seen.count("") == 0);
}

TEST_CASE("tar_tree: the last entry of a name wins, and a replaced directory's children are gone") {
  TarWriter tar;
  tar.file("f", "one")
      .file("f", "two")
      .directory("d/", 0700)
      .file("d/x", "x")
      .directory("d/", 0711);
  tar.directory("e/").file("e/x", "x").file("e", "now a file").directory("e/").file("e/y", "y");
  const auto tree = tar_tree(tar.finish());
  CHECK(text(*tree, "f") == "two");
  CHECK(tree->stat(at("d"))->mode == 0711);
  CHECK(text(*tree, "d/x") == "x");
  CHECK(tree->list(at("e"))->size() == 1);
  CHECK(tree->stat(at("e/x")).error().code() == ErrorCode::kNotFound);
}

TEST_CASE("tar_tree: an entry below a link of its own tar is visited and said, never misplaced") {
  const auto tree = tar_tree(TarWriter().symlink("l", "/etc").file("l/passwd", "evil").finish());
  Recorder recorder;
  REQUIRE(tree->walk(recorder));
  CHECK(recorder.seen.count("l/passwd") == 1);
  REQUIRE(recorder.problems.size() == 1);
  CHECK(recorder.problems[0].second.code() == ErrorCode::kUnsupported);
  CHECK(tree->stat(at("l"))->type == EntryType::kSymlink);
  CHECK(tree->stat(at("l/passwd")).error().code() == ErrorCode::kNotFound);
}

TEST_CASE("tar_tree: only attributes that decide something are kept") {
  TarMember file;
  file.path = "f";
  file.xattrs = {{"security.capability", "c"}, {"user.overlay.opaque", "y"}, {"user.note", "n"}};
  const auto tree = tar_tree(TarWriter().add(file).finish());
  CHECK(tree->xattr(at("f"), "security.capability").value_or("") == "c");
  CHECK(tree->xattr(at("f"), "user.overlay.opaque").value_or("") == "y");
  CHECK(tree->xattr(at("f"), "user.note").error().code() == ErrorCode::kNotFound);
}

TEST_CASE(
    "tar_tree: cut at any block it gives an error or a prefix, and what it has stays usable") {
  const std::string whole =
      TarWriter().directory("d/").file("d/a", std::string(1500, 'a')).file("b", "b").finish();
  const bool packed = GENERATE(false, true);
  const std::string bytes = packed ? archive::compress(Compression::kGzip, whole) : whole;
  for (std::size_t size = 0; size < bytes.size(); size += packed ? 7 : 256) {
    CAPTURE(size);
    const auto tree = tar_tree(bytes.substr(0, size));
    Recorder recorder;
    const auto walked = tree->walk(recorder);
    if (walked) {
      CHECK(tree->decoded_digest());
      continue;
    }
    CHECK(walked.error().code() == ErrorCode::kCorrupt);
    CHECK_FALSE(tree->decoded_digest());
    // Not kNotFound: nobody knows what the rest held.
    CHECK(tree->stat(at("zzz")).error().code() == ErrorCode::kCorrupt);
    if (recorder.seen.count("d/a") == 1) CHECK(tree->stat(at("d/a"))->size == 1500);
  }
}

TEST_CASE("tar_tree: walks and look-ups from several threads agree") {
  const auto tree = tar_tree(archive::compress(Compression::kGzip, plain_tar()));
  std::vector<std::thread> threads;
  std::vector<std::string> found(4);
  for (std::string& place : found) {
    threads.emplace_back([&tree, &place] {
      Recorder recorder;
      if (tree->walk(recorder)) place = recorder.seen["hard"];
      place += text(*tree, "etc/passwd");
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& place : found) CHECK(place == found[0]);
  CHECK(found[0].find("root") != std::string::npos);
}

}  // namespace meridian::rootfs
