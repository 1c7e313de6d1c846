// SPDX-License-Identifier: Apache-2.0
//
// overlay_differential_test.cpp: random stacks, merged by us and by the kernel's overlayfs.
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cstdio>
#include <random>

#include "rootfs/layered_tree.hpp"
#include "rootfs/sample_tree.hpp"

namespace meridian::rootfs {
namespace {

constexpr int kStacks = 30;
constexpr int kLayers = 4;
constexpr int kNotPermitted = 77;

class RandomLayers {
 public:
  explicit RandomLayers(unsigned seed) : random_(seed) {}

  /// Few names, so that the layers meet; whiteouts and opaque directories among them.
  Sample layer(bool is_bottom) {
    Sample sample;
    for (int i = 0; i < 14; ++i) {
      std::string path;
      const unsigned depth = 1 + pick(3);
      for (unsigned level = 0; level < depth; ++level) {
        if (!path.empty()) path += '/';
        path += "abc"[pick(3)];
        const auto there = sample.find(path);
        const bool is_last = level + 1 == depth;
        if (there != sample.end() && there->second.stat.type != EntryType::kDirectory) break;
        if (there == sample.end()) sample[path] = is_last ? entry(is_bottom) : directory(is_bottom);
        if (sample[path].stat.type != EntryType::kDirectory) break;
      }
    }
    return sample;
  }

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  MemoryEntry directory(bool is_bottom) {
    MemoryEntry made = sample_directory(0700 + pick(64));
    if (!is_bottom && pick(4) == 0) made.xattrs["trusted.overlay.opaque"] = "y";
    // What an image may ship, which this mount does not read.
    if (pick(4) == 0) made.xattrs["user.overlay.opaque"] = "y";
    return made;
  }
  MemoryEntry entry(bool is_bottom) {
    switch (pick(is_bottom ? 4 : 6)) {
      case 0:
        return directory(is_bottom);
      case 1:
        return sample_symlink("target" + std::to_string(pick(1000)));
      case 4:
      case 5:
        return sample_whiteout();
      default:
        return sample_file("content " + std::to_string(random_()), 0600 + pick(64));
    }
  }

  std::mt19937 random_;
};

/// 0, kNotPermitted, or another number with a line on standard error.
int compare(const std::string& base, unsigned seed) {
  RandomLayers random(seed);
  std::string lower;
  std::vector<StackedLayer> stack;
  for (int i = 0; i < kLayers; ++i) {
    const std::string directory = base + "/" + std::to_string(seed) + "." + std::to_string(i);
    const Sample sample = random.layer(i == 0);
    if (::mkdir(directory.c_str(), 0755) != 0) return 2;
    if (!fill_directory(directory, sample)) return kNotPermitted;
    lower = directory + (lower.empty() ? "" : ":") + lower;
    base::UniqueFd top(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    stack.push_back({std::make_shared<DirectoryTree>(std::move(top), directory),
                     model::MarkerDialect::kKernelTrusted});
  }
  const std::string merged = base + "/merged." + std::to_string(seed);
  if (::mkdir(merged.c_str(), 0755) != 0) return 2;
  const std::string options = "lowerdir=" + lower;
  if (::mount("overlay", merged.c_str(), "overlay", MS_RDONLY, options.c_str()) != 0) {
    return kNotPermitted;
  }
  base::UniqueFd top(::open(merged.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Recorder kernel;
  Recorder ours;
  const LayeredTree layered(std::move(stack));
  if (!DirectoryTree(std::move(top), "kernel").walk(kernel) || !layered.walk(ours)) return 3;
  ::umount(merged.c_str());
  if (!kernel.problems.empty() || !ours.problems.empty()) return 4;
  if (kernel.seen == ours.seen && ours.seen == look_up_all(layered)) return 0;
  std::fprintf(stderr, "seed %u differs\n", seed);
  for (const auto& [path, line] : kernel.seen) {
    if (ours.seen[path] != line) {
      std::fprintf(stderr, "%s\n kernel %s\n ours   %s\n", path.c_str(), line.c_str(),
                   ours.seen[path].c_str());
    }
  }
  for (const auto& [path, line] : ours.seen) {
    if (kernel.seen.count(path) == 0) std::fprintf(stderr, "only ours: %s\n", path.c_str());
  }
  return 5;
}

}  // namespace

TEST_CASE("layered_tree: random stacks merge as the kernel's overlayfs merges them") {
  const ScratchDir dir;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0) ::_exit(kNotPermitted);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(kNotPermitted);
    // tmpfs has trusted attributes and takes whiteouts, whatever /tmp is.
    if (::mount("t", dir.path().c_str(), "tmpfs", 0, nullptr) != 0) ::_exit(kNotPermitted);
    for (unsigned seed = 0; seed < kStacks; ++seed) {
      if (const int status = compare(dir.path(), seed); status != 0) ::_exit(status);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotPermitted) {
    WARN("skipped: mounting overlayfs is not permitted here");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace meridian::rootfs
