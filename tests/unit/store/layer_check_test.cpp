// SPDX-License-Identifier: Apache-2.0
//
// A layer as its tar describes it, in memory, with one thing changed; and records of tars.
#include "store/layer_check.hpp"

#include "archive/split_pieces.hpp"
#include "base/sha256.hpp"
#include "rootfs/memory_tree.hpp"
#include "support/catch.hpp"

namespace meridian::store {

using archive::TarEntry;
using archive::TarType;
using model::ContentState;
using rootfs::EntryType;
using rootfs::MemoryEntry;
using rootfs::MemoryTree;
using rootfs::RootfsPath;

namespace {

RootfsPath path(std::string_view text) { return *RootfsPath::parse(text); }

TarEntry entry(std::string name, TarType type, std::uint32_t mode, std::uint64_t size = 0,
               std::string link = "") {
  TarEntry out;
  out.path = std::move(name);
  out.type = type;
  out.mode = mode;
  out.size = size;
  out.link = std::move(link);
  return out;
}

MemoryEntry on_disk(EntryType type, std::uint32_t mode, std::string content = "") {
  MemoryEntry out;
  out.stat.type = type;
  out.stat.mode = mode;
  out.stat.size = type == EntryType::kRegular ? content.size() : 0;
  out.content = std::move(content);
  return out;
}

std::vector<TarEntry> recorded() {
  return {entry("etc/", TarType::kDirectory, 0755),
          entry("./etc/passwd", TarType::kRegular, 0644, 4),
          entry("usr/bin/sh", TarType::kSymlink, 0777, 0, "busybox"),
          entry("usr/bin/.wh.gone", TarType::kRegular, 0),
          entry("usr/bin/.wh..wh..opq", TarType::kRegular, 0)};
}

/// What an engine makes of recorded(); `usr` and `usr/bin` have no entry.
std::map<std::string, MemoryEntry> unpacked() {
  std::map<std::string, MemoryEntry> out;
  out["etc"] = on_disk(EntryType::kDirectory, 0755);
  out["etc/passwd"] = on_disk(EntryType::kRegular, 0644, "root");
  out["usr"] = on_disk(EntryType::kDirectory, 0700);
  out["usr/bin"] = on_disk(EntryType::kDirectory, 0700);
  out["usr/bin"].xattrs["trusted.overlay.opaque"] = "y";
  out["usr/bin/sh"] = on_disk(EntryType::kSymlink, 0777, "busybox");
  out["usr/bin/gone"] = on_disk(EntryType::kCharDevice, 0);
  return out;
}

/// "PATH: WHAT; ..." of what differs.
std::string compare(const std::map<std::string, MemoryEntry>& files,
                    const std::vector<TarEntry>& entries = recorded()) {
  MemoryTree tree;
  for (const auto& [name, file] : files) tree.add(path(name), file);
  LayerComparison layer({&tree});
  for (const TarEntry& one : entries) REQUIRE(layer.add(one));
  REQUIRE(layer.compare());
  std::string text;
  for (const auto& one : layer.result().differences) text += one.path + ": " + one.what + "; ";
  return text;
}

}  // namespace

TEST_CASE("layer comparison: what an engine unpacks is what its tar says", "[store]") {
  CHECK(compare(unpacked()).empty());
}

TEST_CASE("layer comparison: one thing that differs is named", "[store]") {
  using Edit = void (*)(std::map<std::string, MemoryEntry>&);
  const std::vector<std::pair<const char*, Edit>> rows = {
      {"etc/passwd: mode; ", [](auto& files) { files["etc/passwd"].stat.mode = 04644; }},
      {"etc/passwd: owner; ", [](auto& files) { files["etc/passwd"].stat.uid = 7; }},
      {"etc/passwd: mtime; ", [](auto& files) { files["etc/passwd"].stat.mtime = 1; }},
      {"etc/passwd: size; ", [](auto& files) { files["etc/passwd"].content = "root "; }},
      {"etc/passwd: capabilities; ",
       [](auto& files) { files["etc/passwd"].xattrs["security.capability"] = "x"; }},
      {"etc/passwd: type; ",
       [](auto& files) { files["etc/passwd"] = on_disk(EntryType::kSymlink, 0777, "x"); }},
      {"etc/passwd: removed; ", [](auto& files) { files.erase("etc/passwd"); }},
      {"etc: mode; ", [](auto& files) { files["etc"].stat.mode = 0777; }},
      {"usr/bin/sh: link; ", [](auto& files) { files["usr/bin/sh"].content = "evil"; }},
      {"usr/bin/gone: whiteout removed; ", [](auto& files) { files.erase("usr/bin/gone"); }},
      {"usr/bin: opaque marker removed; ", [](auto& files) { files["usr/bin"].xattrs.clear(); }},
      {"etc/new: added; ",
       [](auto& files) { files["etc/new"] = on_disk(EntryType::kRegular, 0644, "x"); }},
      {"lib: added; ",
       [](auto& files) {
         files["lib"] = on_disk(EntryType::kDirectory, 0755);
         files["lib/a"] = on_disk(EntryType::kRegular, 0644, "x");
       }},
      {"etc/hidden: whiteout added; ",
       [](auto& files) { files["etc/hidden"] = on_disk(EntryType::kCharDevice, 0); }},
  };
  for (const auto& [expected, edit] : rows) {
    auto files = unpacked();
    edit(files);
    CHECK(compare(files) == expected);
  }
}

TEST_CASE("layer comparison: no more than its bounds are kept, and all are counted", "[store]") {
  MemoryTree tree;
  LayerComparison layer({&tree});
  for (int i = 0; i < 2000; ++i) {
    REQUIRE(layer.add(entry("f" + std::to_string(10000 + i), TarType::kRegular, 0644)));
  }
  REQUIRE(layer.compare());
  const auto found = layer.result();
  CHECK(found.state == ContentState::kChanged);
  CHECK(found.differences.size() == model::kMaxDifferences);
  CHECK(found.differences.front().path == "f10000");
  CHECK(found.difference_count == model::kMaxCountedDifferences);
}

TEST_CASE("layer comparison: names that lead out are none, and the last of several counts") {
  auto entries = recorded();
  entries.push_back(entry("etc/passwd", TarType::kRegular, 0600, 4));
  CHECK(compare(unpacked(), entries) == "etc/passwd: mode; ");
  MemoryTree tree;
  LayerComparison layer({&tree});
  for (const TarEntry& one : entries) REQUIRE(layer.add(one));
  CHECK(layer.is_repeated("./etc/passwd"));
  CHECK_FALSE(layer.is_repeated("etc"));
}

TEST_CASE("crc64: is that of ISO 3309, as Go has it") {
  // hash/crc64, crc64_test.go
  CHECK(archive::crc64(0, "") == 0);
  CHECK(archive::crc64(0, "a") == 0x3420000000000000);
  CHECK(archive::crc64(0, "abcdefghij") == 0x7f5b6e21b002d367);
  CHECK(archive::crc64(archive::crc64(0, "ab"), "c") == archive::crc64(0, "abc"));
}

}  // namespace meridian::store
