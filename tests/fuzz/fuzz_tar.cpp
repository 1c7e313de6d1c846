// SPDX-License-Identifier: Apache-2.0
//
// fuzz_tar.cpp: any bytes as a layer's tar. Properties: two walks agree, with each other and with
// look-ups alone; every path stays inside; what two reads of a file give is equal, in whichever
// order; the digests are those of the bytes.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "archive/byte_source.hpp"
#include "base/sha256.hpp"
#include "rootfs/tar_tree.hpp"
#include "support/fuzz_file.hpp"

namespace {

using namespace meridian;

/// Holes make content far larger than the input; that is another limit's business.
constexpr std::uint64_t kRead = 64 << 10;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

class Recorder final : public rootfs::Visitor {
 public:
  rootfs::WalkStep entry(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                         Opener& opener) override {
    require(!path.is_root(), "the root is not visited");
    const std::string inside = "/" + path.text() + "/";
    require(inside.find("/../") == std::string::npos && inside.find("//") == std::string::npos &&
                inside.find('\0') == std::string::npos,
            "a path stays inside");
    std::string line = std::to_string(static_cast<int>(stat.type)) + " " +
                       std::to_string(stat.size) + " " + std::to_string(stat.mode);
    if (stat.type == rootfs::EntryType::kRegular && stat.size <= kRead) {
      if (const auto content = opener.open()) {
        line += read_content(**content, kRead).value_or("?");
      }
    }
    seen[path] = line;
    return rootfs::WalkStep::kGoOn;
  }
  void problem(const rootfs::RootfsPath& path, const Error&) override { ++problems[path]; }

  std::map<rootfs::RootfsPath, std::string> seen;
  std::map<rootfs::RootfsPath, int> problems;
};

std::string content_of(const rootfs::Tree& tree, const rootfs::RootfsPath& path) {
  const auto stat = tree.stat(path);
  if (!stat || stat->type != rootfs::EntryType::kRegular || stat->size > kRead) return "";
  const auto content = tree.open(path);
  if (!content) return "unreadable";
  return read_content(**content, kRead).value_or("unreadable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 20) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  auto& file = testing_support::FuzzFile::fresh();
  const rootfs::BlobRange blob{file.file(), file.add(bytes), size};

  const rootfs::TarTree tree(archive::local_unpacker(), blob, "fuzz");
  Recorder first;
  Recorder second;
  const auto walked = tree.walk(first);
  const auto again = tree.walk(second);
  require(walked.has_value() == again.has_value(), "two walks end alike");
  require(first.seen == second.seen, "two walks see the same");
  require(first.problems == second.problems, "two walks have the same problems");
  require(walked.has_value() == tree.decoded_digest().has_value(), "a whole walk has a digest");
  if (walked && archive::sniff(bytes) == archive::Compression::kNone) {
    require(*tree.decoded_digest() == "sha256:" + base::sha256_hex(bytes), "digest of the bytes");
  }
  if (walked) {
    require(*tree.stored_digest() == "sha256:" + base::sha256_hex(bytes), "digest as stored");
  }
  // A look-up alone makes the same index.
  const rootfs::TarTree fresh(archive::local_unpacker(), blob, "fuzz");
  for (const auto& [path, line] : first.seen) {
    const auto a = tree.stat(path);
    const auto b = fresh.stat(path);
    require(a.has_value() == b.has_value(), "walk and look-up index alike");
    if (a && b) require(a->type == b->type && a->size == b->size, "same entry");
    if (a && a->type == rootfs::EntryType::kDirectory && walked) {
      require(tree.list(path).has_value(), "a directory can be listed");
    }
  }
  // Forwards in one tree, backwards in the other.
  std::map<rootfs::RootfsPath, std::string> contents;
  for (const auto& [path, line] : first.seen) contents[path] = content_of(tree, path);
  for (auto it = contents.rbegin(); it != contents.rend(); ++it) {
    require(content_of(fresh, it->first) == it->second, "contents in any order");
  }
  return 0;
}
