// SPDX-License-Identifier: Apache-2.0
//
// directory_walk_test.cpp: one walk by several threads.
#include "rootfs/directory_walk.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "rootfs/sample_tree.hpp"

namespace meridian::rootfs {
namespace {

constexpr int kFolders = 40, kFiles = 40, kLinked = 30;
constexpr int kEntries = 3 + kFolders * (1 + kFiles);

std::string folder(int number) {
  return "d" + std::to_string(number % 3) + "/f" + std::to_string(number);
}

/// Files in folders of three levels; some with a name in another folder, some with one elsewhere.
class LargeDir : public ScratchDir {
 public:
  LargeDir() {
    for (int i = 0; i < 3; ++i) directory("d" + std::to_string(i));
    for (int i = 0; i < kFolders; ++i) {
      directory(folder(i));
      for (int j = 0; j < kFiles; ++j) file(folder(i) + "/" + std::to_string(j), "x");
    }
    for (int i = 0; i < kLinked; ++i) {
      const std::string other = folder((i + 17) % kFolders) + "/link" + std::to_string(i);
      REQUIRE(::link(at(folder(i) + "/0").c_str(), at(other).c_str()) == 0);
      elsewhere_.push_back(path() + "-" + std::to_string(i));
      REQUIRE(::link(at(folder(i) + "/1").c_str(), elsewhere_.back().c_str()) == 0);
    }
  }
  ~LargeDir() {
    for (const std::string& name : elsewhere_) ::unlink(name.c_str());
  }
  LargeDir(const LargeDir&) = delete;
  LargeDir& operator=(const LargeDir&) = delete;

 private:
  std::vector<std::string> elsewhere_;
};

/// What all visitors of a walk met.
struct Met {
  std::mutex mutex;
  std::multiset<std::string> paths;
  std::multiset<std::vector<std::string>> links;
  std::vector<std::string> problems;
  std::set<std::thread::id> threads;
  bool is_ordered = true;  // parents before children
  bool needs_help = false;
};

class SharedVisitor final : public Visitor {
 public:
  explicit SharedVisitor(Met& met, std::size_t stop_after = SIZE_MAX)
      : met_(met), stop_after_(stop_after) {}
  WalkStep entry(const RootfsPath& path, const Stat&, Opener&) override {
    std::unique_lock lock(met_.mutex);
    if (met_.needs_help && met_.threads.size() == 1 && met_.paths.size() > kLarge) {
      // So that nobody is done before others have begun, however busy the machine is.
      lock.unlock();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      lock.lock();
    }
    const RootfsPath parent = path.parent();
    if (!parent.is_root() && !met_.paths.contains(parent.text())) met_.is_ordered = false;
    met_.paths.insert(path.text());
    met_.threads.insert(std::this_thread::get_id());
    return met_.paths.size() >= stop_after_ ? WalkStep::kStop : WalkStep::kGoOn;
  }
  WalkStep links(std::span<const RootfsPath> names, const Stat&, Opener& opener) override {
    const auto content = opener.open();
    std::vector<std::string> texts;
    for (const RootfsPath& name : names) texts.push_back(name.text());
    const std::lock_guard lock(met_.mutex);
    if (!content) met_.problems.push_back(content.error().message());
    met_.links.insert(texts);
    return WalkStep::kGoOn;
  }
  void problem(const RootfsPath& path, const Error& error) override {
    const std::lock_guard lock(met_.mutex);
    met_.problems.push_back(path.text() + error.message());
  }

 private:
  Met& met_;
  const std::size_t stop_after_;
};

/// Walks with `threads`; how many of those that help were given something.
int walk_together(const DirectoryTree& tree, int threads, Met& met,
                  std::size_t stop_after = SIZE_MAX) {
  const auto walk = tree.begin_walk();
  std::atomic<int> helped{0};
  std::vector<std::thread> helpers;
  for (int i = 1; i < threads; ++i) {
    helpers.emplace_back([&] {
      auto share = walk->wait_for_share();
      if (!share) return;
      ++helped;
      SharedVisitor visitor(met, stop_after);
      walk->help(*std::move(share), visitor);
    });
  }
  SharedVisitor visitor(met, stop_after);
  REQUIRE(walk->lead(visitor));
  for (std::thread& helper : helpers) helper.join();
  return helped;
}

}  // namespace

TEST_CASE("directory_walk: several threads meet each entry once, and each file of several names") {
  const LargeDir dir;
  const DirectoryTree tree(dir.open(), "layer",
                           GENERATE(LookupMode::kAuto, LookupMode::kComponents));
  Met alone;
  walk_together(tree, 1, alone);
  CHECK(alone.links.size() == 2 * kLinked);
  CHECK(alone.paths.size() == kEntries - 2 * kLinked);
  for (const int threads : {2, 5}) {
    Met met;
    met.needs_help = true;
    const int helped = walk_together(tree, threads, met);
    CHECK(met.problems.empty());
    CHECK(met.is_ordered);
    CHECK(met.paths == alone.paths);
    CHECK(met.links == alone.links);
    CHECK(helped > 0);
    CHECK(met.threads.size() > 1);
  }
}

TEST_CASE("directory_walk: names of a file are in order, whoever met them first") {
  const LargeDir dir;
  Met met;
  walk_together(DirectoryTree(dir.open(), "layer"), 3, met);
  CHECK(std::all_of(met.links.begin(), met.links.end(),
                    [](const auto& names) { return std::is_sorted(names.begin(), names.end()); }));
}

TEST_CASE("directory_walk: one visitor's kStop ends it for all") {
  const LargeDir dir;
  const DirectoryTree tree(dir.open(), "layer");
  for (const std::size_t after : {std::size_t{1}, std::size_t{1200}}) {
    Met met;
    walk_together(tree, 4, met, after);
    CHECK(met.paths.size() >= after);
    CHECK(met.paths.size() < after + 4);
  }
}

TEST_CASE("directory_walk: of a small tree nothing is given away") {
  const ScratchDir dir;
  for (int i = 0; i < 30; ++i) dir.directory("d" + std::to_string(i));
  Met met;
  CHECK(walk_together(DirectoryTree(dir.open(), "layer"), 3, met) == 0);
  CHECK(met.paths.size() == 30);
}

TEST_CASE("directory_walk: who cannot begin keeps no helper waiting") {
  const ScratchDir dir;
  dir.file("file", "x");
  base::UniqueFd file(::open(dir.at("file").c_str(), O_RDONLY | O_CLOEXEC));
  const DirectoryTree tree(std::move(file), "layer");
  const auto walk = tree.begin_walk();
  bool was_given = true;  // read after join()
  std::thread helper([&] { was_given = walk->wait_for_share().has_value(); });
  Met met;
  SharedVisitor visitor(met);
  CHECK_FALSE(walk->lead(visitor));
  helper.join();
  CHECK_FALSE(was_given);
}

}  // namespace meridian::rootfs
