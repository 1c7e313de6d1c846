// SPDX-License-Identifier: Apache-2.0
//
// directory_tree_test.cpp: a tree on disk that is deep, hostile or changing.
#include "rootfs/directory_tree.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "rootfs/directory_walk.hpp"
#include "rootfs/sample_tree.hpp"

namespace meridian::rootfs {
namespace {

LookupMode every_mode() { return GENERATE(LookupMode::kAuto, LookupMode::kComponents); }

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& fd : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("directory_tree: a tree deeper than PATH_MAX is walked with few descriptors") {
  const LookupMode mode = every_mode();
  const ScratchDir dir;
  const std::string part(100, 'p');
  constexpr int kLevels = 150;
  // Two branches at every level: going back up needs directories that were closed meanwhile.
  base::UniqueFd here = dir.open();
  for (int i = 0; i < kLevels; ++i) {
    REQUIRE(::mkdirat(here.get(), "side", 0755) == 0);
    REQUIRE(::mkdirat(here.get(), part.c_str(), 0755) == 0);
    base::UniqueFd side(::openat(here.get(), "side", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    base::UniqueFd file(::openat(side.get(), "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    REQUIRE(base::write_all(file.get(), "x"));
    base::UniqueFd next(::openat(here.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    here = std::move(next);
  }
  struct Counter final : Recorder {
    WalkStep entry(const RootfsPath& path, const Stat& stat, Opener& opener) override {
      most = std::max(most, open_descriptors());
      return Recorder::entry(path, stat, opener);
    }
    std::size_t most = 0;
  };
  Counter counter;
  const std::size_t before = open_descriptors();
  const DirectoryTree tree(dir.open(), "deep", mode);
  REQUIRE(tree.walk(counter));
  CHECK(counter.problems.empty());
  CHECK(counter.seen.size() == 3 * kLevels);
  CHECK(counter.most <= before + kOpenDirectories + 8);
  const std::string& deepest =
      std::max_element(counter.seen.begin(), counter.seen.end(), [](const auto& a, const auto& b) {
        return a.first.size() < b.first.size();
      })->first;
  REQUIRE(deepest.size() > 10000);
  CHECK(tree.stat(at(deepest)));
}

TEST_CASE("directory_tree: past the depth limit is a problem, and the rest is walked") {
  const ScratchDir dir;
  dir.file("beside", "x");
  { const auto deepest = dir.chain("d", 1100); }
  Recorder recorder;
  REQUIRE(DirectoryTree(dir.open(), "deep").walk(recorder));
  REQUIRE(recorder.problems.size() == 1);
  CHECK(recorder.problems[0].second.code() == ErrorCode::kLimit);
  CHECK(recorder.seen.count("beside") == 1);
}

TEST_CASE("directory_tree: no link is followed on the way to anything") {
  const LookupMode mode = every_mode();
  const ScratchDir outside;
  outside.file("canary", "outside");
  const ScratchDir dir;
  dir.symlink("link", outside.path());
  dir.symlink("file", outside.at("canary"));
  const DirectoryTree tree(dir.open(), "tree", mode);
  CHECK(tree.stat(at("link"))->type == EntryType::kSymlink);
  CHECK(tree.stat(at("link/canary")).error().code() == ErrorCode::kNotFound);
  CHECK(tree.open(at("file")).error().code() == ErrorCode::kInvalid);
  CHECK(tree.list(at("link")).error().code() == ErrorCode::kInvalid);
}

TEST_CASE(
    "directory_tree: attributes are read of files, directories and links, never through links") {
  const ScratchDir dir;
  dir.file("file", "x", 0000);
  dir.directory("d");
  dir.symlink("link", "file");
  if (::setxattr(dir.at("file").c_str(), "user.x", "value", 5, 0) != 0) {
    WARN("skipped: this file system has no user attributes");
    return;
  }
  const std::string large(3000, 'l');
  ::setxattr(dir.at("d").c_str(), "user.large", large.data(), large.size(), 0);
  const DirectoryTree tree(dir.open(), "tree");
  CHECK(tree.xattr(at("file"), "user.x").value_or("") == "value");
  CHECK(tree.xattr(at("d"), "user.large").value_or("") == large);
  CHECK(tree.xattr(at("link"), "user.x").error().code() != ErrorCode::kInvalid);
  CHECK_FALSE(tree.xattr(at("link"), "user.x"));
  struct Reader final : Recorder {
    WalkStep entry(const RootfsPath& path, const Stat&, Opener& opener) override {
      seen[path.text()] = opener.xattr("user.x").value_or("none");
      return WalkStep::kGoOn;
    }
  };
  Reader reader;
  REQUIRE(tree.walk(reader));
  CHECK(reader.seen["file"] == "value");
  CHECK(reader.seen["link"] == "none");
}

TEST_CASE("directory_tree: a file replaced between stat and open is changed, not read") {
  const ScratchDir outside;
  outside.file("canary", "outside");
  const ScratchDir dir;
  struct Swapper final : Recorder {
    explicit Swapper(std::function<void()> what) : swap(std::move(what)) {}
    WalkStep entry(const RootfsPath&, const Stat&, Opener& opener) override {
      swap();
      auto content = opener.open();
      REQUIRE_FALSE(content);
      code = content.error().code();
      return WalkStep::kGoOn;
    }
    std::function<void()> swap;
    ErrorCode code = ErrorCode::kInvalid;
  };
  const std::string file = dir.at("f");
  const std::vector<std::function<void()>> swaps = {
      [&] { ::unlink(file.c_str()); },
      [&] { dir.file("new", "new"), ::rename(dir.at("new").c_str(), file.c_str()); },
      [&] { ::unlink(file.c_str()), dir.symlink("f", outside.at("canary")); },
      [&] { ::unlink(file.c_str()), dir.fifo("f"); },
      [&] { ::unlink(file.c_str()), dir.directory("f"); },
  };
  for (const auto& swap : swaps) {
    std::filesystem::remove_all(file);
    dir.file("f", "old");
    Swapper swapper(swap);
    REQUIRE(DirectoryTree(dir.open(), "tree").walk(swapper));
    CHECK(swapper.code == ErrorCode::kChanged);
  }
}

TEST_CASE("directory_tree: a directory that becomes a link while walked leads nowhere") {
  const ScratchDir outside;
  outside.directory("d");
  outside.file("d/canary", "OUTSIDE");
  const ScratchDir dir;
  dir.directory("d");
  dir.file("d/f", "inside");
  dir.symlink("link", outside.at("d"));
  std::atomic<bool> done{false};
  std::thread swapper([&] {
    while (!done) {
      ::renameat2(AT_FDCWD, dir.at("d").c_str(), AT_FDCWD, dir.at("link").c_str(), RENAME_EXCHANGE);
    }
  });
  int leaked = 0;
  for (int i = 0; i < 1000; ++i) {
    Recorder recorder;
    const auto walked = DirectoryTree(dir.open(), "tree").walk(recorder);
    for (const auto& [path, line] : recorder.seen) {
      if (path.find("canary") != std::string::npos || line.find("OUTSIDE") != std::string::npos) {
        ++leaked;
      }
    }
  }
  done = true;
  swapper.join();
  CHECK(leaked == 0);
}

TEST_CASE("directory_tree: a directory that may not be read is a problem, and the rest is walked") {
  if (::geteuid() == 0) return;  // root may read all
  const ScratchDir dir;
  dir.directory("closed", 0000);
  dir.file("open", "x");
  Recorder recorder;
  REQUIRE(DirectoryTree(dir.open(), "tree").walk(recorder));
  CHECK(recorder.seen.count("open") == 1);
  REQUIRE(recorder.problems.size() == 1);
  CHECK(recorder.problems[0].first == "closed");
}

TEST_CASE("directory_tree: a mount inside is refused and not entered") {
  const ScratchDir dir;
  dir.directory("m");
  dir.file("beside", "x");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // In a mount namespace of its own; 77: not permitted here.
    if (::unshare(CLONE_NEWNS) != 0) ::_exit(77);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(77);
    if (::mount("t", dir.at("m").c_str(), "tmpfs", 0, nullptr) != 0) ::_exit(77);
    for (const LookupMode mode : {LookupMode::kAuto, LookupMode::kComponents}) {
      base::UniqueFd top(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      const DirectoryTree tree(std::move(top), "tree", mode);
      Recorder recorder;
      if (!tree.walk(recorder) || recorder.seen.count("beside") != 1) ::_exit(1);
      if (recorder.problems.size() != 1 || recorder.problems[0].first != "m") ::_exit(2);
      if (recorder.problems[0].second.code() != ErrorCode::kRefused) ::_exit(3);
      const auto stat = tree.stat(at("m"));
      if (stat || stat.error().code() != ErrorCode::kRefused) ::_exit(4);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    WARN("skipped: mounting is not permitted here");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace meridian::rootfs
