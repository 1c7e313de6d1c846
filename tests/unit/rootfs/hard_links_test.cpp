// SPDX-License-Identifier: Apache-2.0
//
// hard_links_test.cpp: a file with several names is met once, with all of them.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/limits.hpp"
#include "rootfs/directory_tree.hpp"
#include "rootfs/sample_tree.hpp"

namespace meridian::rootfs {
namespace {

using testing_support::TarWriter;
using Names = std::set<std::string>;

/// What links() was told, and what its files hold.
class LinkRecorder : public Recorder {
 public:
  WalkStep links(std::span<const RootfsPath> names, const Stat& stat, Opener& opener) override {
    Names group;
    for (const RootfsPath& name : names) group.insert(name.text());
    before_open(group);
    for (int i = 0; i < 2; ++i) {
      auto content = opener.open();
      auto text =
          content ? read_content(**content, 1 << 24).value_or("unread") : content.error().message();
      if (i == 0) groups.emplace_back(group, std::move(text));
    }
    sizes.insert(stat.size);
    return step;
  }
  virtual void before_open(const Names&) {}

  std::vector<std::pair<Names, std::string>> groups;
  std::set<std::uint64_t> sizes;
  WalkStep step = WalkStep::kGoOn;
};

using Groups = std::vector<std::pair<Names, std::string>>;

Groups sorted(Groups groups) {
  std::sort(groups.begin(), groups.end());
  return groups;
}

struct LinkedDir : ScratchDir {
  LinkedDir() {
    directory("a");
    directory("b");
    file("a/one", "first");
    link("a/one", "b/two");
    link("a/one", "three");
    file("alone", "x");
    file("outside", "second");
    link("outside", "inside");
    REQUIRE(::rename(at("outside").c_str(), (path() + "-outside").c_str()) == 0);
  }
  ~LinkedDir() { ::unlink((path() + "-outside").c_str()); }
  LinkedDir(const LinkedDir&) = delete;
  LinkedDir& operator=(const LinkedDir&) = delete;
  void link(const char* from, const char* to) const {
    REQUIRE(::link(at(from).c_str(), at(to).c_str()) == 0);
  }
};

}  // namespace

TEST_CASE("hard_links: a directory's file is met once with all of its names") {
  const LookupMode mode = GENERATE(LookupMode::kAuto, LookupMode::kComponents);
  const LinkedDir dir;
  const DirectoryTree tree(dir.open(), "layer", mode);
  LinkRecorder recorder;
  REQUIRE(tree.walk(recorder));
  CHECK(recorder.problems.empty());
  CHECK(sorted(recorder.groups) ==
        Groups{{{"a/one", "b/two", "three"}, "first"}, {{"inside"}, "second"}});
  CHECK(recorder.seen.count("alone") == 1);
  CHECK(recorder.seen.count("a/one") == 0);
}

TEST_CASE("hard_links: who does not override links() is told of one name after the other") {
  const LinkedDir dir;
  const DirectoryTree tree(dir.open(), "layer");
  Recorder recorder;
  REQUIRE(tree.walk(recorder));
  CHECK(recorder.seen == look_up_all(tree));
}

TEST_CASE("hard_links: a name that is gone or other by then is not the file") {
  struct Swapping final : LinkRecorder {
    explicit Swapping(const LinkedDir& where) : dir(where) {}
    void before_open(const Names& names) override {
      if (names.count("three") == 0) return;
      // All names but one: gone, replaced by another file, replaced by a link out.
      ::unlink(dir.at("a/one").c_str());
      ::unlink(dir.at("b/two").c_str());
      dir.file("b/two", "other");
      if (last) {
        ::unlink(dir.at("three").c_str());
        dir.symlink("three", "/etc/passwd");
      }
    }
    const LinkedDir& dir;
    bool last = false;
  };
  const LinkedDir dir;
  const DirectoryTree tree(dir.open(), "layer");
  Swapping recorder(dir);
  recorder.last = GENERATE(false, true);
  REQUIRE(tree.walk(recorder));
  const auto group = std::find_if(recorder.groups.begin(), recorder.groups.end(),
                                  [](const auto& one) { return one.first.count("three") != 0; });
  REQUIRE(group != recorder.groups.end());
  if (recorder.last) {
    CHECK(group->second.find("replaced while it was looked at") != std::string::npos);
  } else {
    CHECK(group->second == "first");
  }
}

TEST_CASE("hard_links: a visitor that stops at one is told of no other") {
  const LinkedDir dir;
  const DirectoryTree tree(dir.open(), "layer");
  LinkRecorder recorder;
  recorder.step = WalkStep::kStop;
  REQUIRE(tree.walk(recorder));
  CHECK(recorder.groups.size() == 1);
}

TEST_CASE(
    "hard_links: a tar's further names stand together, and what was opened is not read again") {
  TarWriter tar;
  tar.file("a", "first").file("other", "second").hardlink("x/b", "a").hardlink("y", "other");
  tar.hardlink("c", "a").file("big", std::string(limits::kSmallContent + 1, 'b'));
  tar.hardlink("huge", "big");
  const std::string bytes = tar.finish();
  struct Truncating final : LinkRecorder {
    void before_open(const Names&) override { REQUIRE(::ftruncate(fd, 0) == 0); }
    int fd = -1;
  };
  const BlobRange blob = blob_of(bytes);
  Truncating recorder;
  recorder.fd = blob.file->get();
  const TarTree tree(archive::local_unpacker(), blob, "layer.tar");
  REQUIRE(tree.walk(recorder));
  REQUIRE(recorder.groups.size() == 3);
  CHECK(recorder.groups[0] == std::pair(Names{"c", "x/b"}, std::string("first")));
  CHECK(recorder.groups[1] == std::pair(Names{"y"}, std::string("second")));
  // A large one is not kept: it is read by a second pass, which finds the file changed.
  CHECK(recorder.groups[2].first == Names{"huge"});
  CHECK(recorder.groups[2].second.find(std::string(100, 'b')) == std::string::npos);
}

TEST_CASE(
    "hard_links: a visitor that opens nothing keeps nothing, and links are read all the same") {
  TarWriter tar;
  tar.file("a", "first").hardlink("b", "a").hardlink("c", "b");
  const auto tree = tar_tree(tar.finish());
  struct Closed final : LinkRecorder {
    WalkStep entry(const RootfsPath&, const Stat&, Opener&) override { return WalkStep::kGoOn; }
  };
  Closed recorder;
  REQUIRE(tree->walk(recorder));
  CHECK(recorder.groups == Groups{{{"b", "c"}, "first"}});
}

}  // namespace meridian::rootfs
