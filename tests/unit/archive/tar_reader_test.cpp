// SPDX-License-Identifier: Apache-2.0
//
// tar_reader_test.cpp: what writers write, and what attackers do.
#include "archive/tar_reader.hpp"

#include "archive/compressed.hpp"
#include "support/tar_writer.hpp"

namespace meridian::archive {
namespace {

using testing_support::TarMember;
using testing_support::TarWriter;

struct ReadEntry {
  TarEntry entry;
  std::string content;
};

Result<std::vector<ReadEntry>> read_tar(const std::string& bytes) {
  StringSource source(bytes, 1000);
  MERIDIAN_TRY(const auto reader, TarReader::create(source));
  std::vector<ReadEntry> entries;
  for (;;) {
    MERIDIAN_TRY(auto entry, reader->next());
    if (!entry) return entries;
    std::string content;
    std::string buffer(300, '\0');
    for (;;) {
      MERIDIAN_TRY(const std::size_t got, reader->read(buffer.data(), buffer.size()));
      if (got == 0) break;
      content.append(buffer, 0, got);
    }
    entries.push_back({*std::move(entry), std::move(content)});
  }
}

std::vector<ReadEntry> must_read(const std::string& bytes) {
  auto entries = read_tar(bytes);
  if (!entries) FAIL(entries.error().message());
  return *std::move(entries);
}

}  // namespace

TEST_CASE("tar_reader: every kind of entry with its owner, mode, time and target") {
  TarWriter tar;
  TarMember device;
  device.path = "dev/null";
  device.type = '3';
  device.major = 1;
  device.minor = 3;
  TarMember file;
  file.path = "bin/su";
  file.content = "content";
  file.mode = 04755;
  file.uid = 7;
  file.gid = 8;
  file.mtime = 1700000000;
  file.xattrs["security.capability"] = std::string("\x01\0\xff", 3);
  tar.add(file).directory("dev/").add(device).symlink("l", "../t").hardlink("h", "bin/su");
  const auto entries = must_read(tar.finish());
  REQUIRE(entries.size() == 5);
  CHECK(entries[0].entry.mode == 04755);
  CHECK(entries[0].entry.uid == 7);
  CHECK(entries[0].entry.gid == 8);
  CHECK(entries[0].entry.mtime == 1700000000);
  CHECK(entries[0].entry.xattrs.at("security.capability") == std::string("\x01\0\xff", 3));
  CHECK(entries[0].content == "content");
  CHECK(entries[1].entry.type == TarType::kDirectory);
  CHECK(entries[2].entry.type == TarType::kCharDevice);
  CHECK(entries[2].entry.rdev == 0x103);
  CHECK(entries[3].entry.type == TarType::kSymlink);
  CHECK(entries[3].entry.link == "../t");
  CHECK(entries[4].entry.type == TarType::kHardlink);
  CHECK(entries[4].entry.link == "bin/su");
  CHECK(entries[4].entry.size == 0);
}

TEST_CASE("tar_reader: names are the bytes of the tar, long, hostile or in no character set") {
  const std::string longest = std::string(200, 'd') + "/" + std::string(200, 'f');
  TarMember utf8;
  utf8.path = "utf8";
  utf8.pax["path"] = "caf\xc3\xa9/e\xcc\x81";  // composed, decomposed
  TarMember latin;
  latin.path = "latin-\xe9";
  TarWriter tar;
  tar.file(longest, "1").add(utf8).add(latin).file("/abs/../../x\n\x1b[2J", "2");
  tar.symlink("l", std::string(300, 't'));
  const auto entries = must_read(tar.finish());
  REQUIRE(entries.size() == 5);
  CHECK(entries[0].entry.path == longest);
  CHECK(entries[1].entry.path == "caf\xc3\xa9/e\xcc\x81");
  CHECK(entries[2].entry.path == "latin-\xe9");
  CHECK(entries[3].entry.path == "/abs/../../x\n\x1b[2J");
  CHECK(entries[4].entry.link == std::string(300, 't'));
}

TEST_CASE("tar_reader: a sparse file reads with its holes as zeros, the last one too") {
  TarMember sparse;
  sparse.path = "sparse";
  // GNU 1.0: the map is in front of the data, padded to a block.
  sparse.pax = {{"GNU.sparse.major", "1"},
                {"GNU.sparse.minor", "0"},
                {"GNU.sparse.name", "real"},
                {"GNU.sparse.realsize", "3000"}};
  std::string map = "1\n1000\n4\n";
  map.resize(512, '\0');
  sparse.content = map + "data";
  const auto entries = must_read(TarWriter().add(sparse).file("after", "x").finish());
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].entry.path == "real");
  CHECK(entries[0].entry.size == 3000);
  CHECK(entries[0].content == std::string(1000, '\0') + "data" + std::string(1996, '\0'));
  CHECK(entries[1].content == "x");
}

TEST_CASE("tar_reader: what is no tar is corrupt, and nothing is an empty tar") {
  CHECK(must_read("").empty());
  CHECK(must_read(std::string(1024, '\0')).empty());
  for (const std::string& bytes :
       {std::string("hello"), std::string(2000, 'x'), std::string(700, '\xff')}) {
    const auto entries = read_tar(bytes);
    REQUIRE_FALSE(entries);
    CHECK(entries.error().code() == ErrorCode::kCorrupt);
  }
}

TEST_CASE("tar_reader: cut at any block it ends in an error or with a prefix of its entries") {
  TarWriter tar;
  tar.directory("d/").file("d/a", std::string(1500, 'a')).symlink("l", "d/a").file("b", "b");
  tar.file(std::string(150, 'n'), "n");
  const std::string whole = tar.finish();
  const auto all = must_read(whole);
  for (std::size_t size = 0; size <= whole.size(); size += 256) {
    CAPTURE(size);
    const auto some = read_tar(whole.substr(0, size));
    if (!some) {
      CHECK(some.error().code() == ErrorCode::kCorrupt);
      continue;
    }
    REQUIRE(some->size() <= all.size());
    for (std::size_t i = 0; i < some->size(); ++i) {
      CHECK((*some)[i].entry.path == all[i].entry.path);
      CHECK((*some)[i].content == all[i].content);
    }
  }
}

TEST_CASE("tar_reader: a damaged header ends the archive, and the error stays") {
  TarWriter tar;
  tar.file("a", "a").file("b", "b").file("c", "c");
  std::string bytes = tar.finish();
  bytes[1024 + 10] = 'X';
  StringSource source(bytes);
  auto reader = TarReader::create(source);
  REQUIRE(reader);
  REQUIRE((*reader)->next());
  for (int i = 0; i < 3; ++i) {
    const auto next = (*reader)->next();
    REQUIRE_FALSE(next);
    CHECK(next.error().code() == ErrorCode::kCorrupt);
  }
}

}  // namespace meridian::archive
