// SPDX-License-Identifier: Apache-2.0
//
// overlay_differential_test.cpp: random stacks, merged by us and by who mounts them: the kernel's
// overlayfs with every combination of options it takes, and fuse-overlayfs.
//
// One stack again: MERIDIAN_OVERLAY_STACK=MODE:SEED test_rootfs "layered_tree: random stacks*"
#include <dirent.h>
#include <linux/openat2.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "rootfs/file_stat.hpp"
#include "rootfs/layered_tree.hpp"
#include "rootfs/random_stack.hpp"
#include "rootfs/sample_tree.hpp"

namespace meridian::rootfs {
namespace {

constexpr unsigned kKernelSeeds = 110;
constexpr unsigned kFuseSeeds = 60;
constexpr int kQueries = 40;
constexpr int kNotPermitted = 77;
constexpr int kDifferent = 5;

constexpr const char* kTrusted = "trusted.overlay.";
constexpr const char* kUser = "user.overlay.";
constexpr const char* kBoth = "redirect_dir=on,metacopy=on";
constexpr MountMode kModes[] = {
    {"default", "", kTrusted, kUser, kBoth, true, false},
    {"redirect", "redirect_dir=on", kTrusted, kUser, kBoth, true, false},
    {"metacopy", "metacopy=on", kTrusted, kUser, kBoth, true, true},
    {"nofollow", "redirect_dir=nofollow", kTrusted, kUser, kBoth, false, false},
    {"userxattr", "userxattr", kUser, kTrusted, "userxattr", false, false},
    {"fuse", nullptr, "user.fuseoverlayfs.", "user.unknown.", nullptr, true, false},
};

model::MarkerDialect dialect_of(const MountMode& mode) {
  if (mode.options == nullptr) return model::MarkerDialect::kFuseOverlayfs;
  return mode.own == kUser ? model::MarkerDialect::kKernelUser
                           : model::MarkerDialect::kKernelTrusted;
}

/// What may stand in a stack, and show in its mount or not.
const std::vector<std::string>& attributes() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names = {"user.meridian", "security.meridian"};
    for (const std::string prefix : {"user.overlay.", "user.overlay.overlay.", "user.unknown.",
                                     "user.fuseoverlayfs.", "user.fuseoverlayfs.overlay."}) {
      for (const char* name : {"opaque", "redirect", "metacopy", "whiteout", "origin", "impure"}) {
        names.push_back(prefix + name);
      }
    }
    return names;
  }();
  return kNames;
}

using View = std::map<std::string, std::string>;  // path -> what is there

std::string line_of(const Stat& stat) {
  std::string line = Recorder::describe(stat);
  line += " owner " + std::to_string(stat.uid) + ":" + std::to_string(stat.gid);
  return line + " mtime " + std::to_string(stat.mtime);
}

bool equal(const View& theirs, const View& ours, const char* how) {
  if (theirs == ours) return true;
  std::fprintf(stderr, "%s differs:\n", how);
  for (const auto& [path, line] : theirs) {
    const auto found = ours.find(path);
    if (found != ours.end() && found->second == line) continue;
    std::fprintf(stderr, "%s\n mount %.300s\n ours  %.300s\n", path.c_str(), line.c_str(),
                 found == ours.end() ? "-" : found->second.c_str());
  }
  for (const auto& [path, line] : ours) {
    if (theirs.count(path) == 0)
      std::fprintf(stderr, "only ours: %s %.300s\n", path.c_str(), line.c_str());
  }
  return false;
}

/// What the mount shows, by plain system calls.
class MountView {
 public:
  explicit MountView(std::string root) : root_(std::move(root)) { read_directory(""); }
  /// `shared`: paths that show one file of a layer under several names (a hand-made redirect). The
  /// kernel has one inode for them, with the attributes of that which it was asked for first.
  bool equals(View ours, const std::set<std::string>& shared, const char* how) const {
    View theirs = view_;
    for (const std::string& path : shared) {
      theirs.erase(path);
      ours.erase(path);
    }
    for (auto it = ours.begin(); it != ours.end();) {
      if (is_below_stale(it->first)) {
        it = ours.erase(it);
        continue;
      }
      // A name that cannot be looked at is listed by the kernel or not, as its caches stand.
      if (it->second == "refused" && theirs.count(it->first) == 0 && is_refused(it->first)) {
        theirs[it->first] = "refused";
      }
      ++it;
    }
    return equal(theirs, ours, how);
  }
  /// The attributes that the mount shows of `path`, and one of those that may be hidden there.
  std::set<std::string> asked_of(const std::string& path) const {
    const auto& hidden = attributes();
    const auto found = asked_.find(path);
    std::set<std::string> names = found == asked_.end() ? std::set<std::string>() : found->second;
    names.insert(hidden[std::hash<std::string>()(path) % hidden.size()]);
    return names;
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): a tree of our own making, a few levels deep
  void read_directory(const std::string& path) {
    DIR* const directory = ::opendir((root_ + "/" + path).c_str());
    if (directory == nullptr) {
      view_[path] += " cannot be listed";
      return;
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory)) names.emplace_back(entry->d_name);
    ::closedir(directory);
    for (const std::string& name : names) {
      if (name != "." && name != "..") read_entry(path.empty() ? name : path + "/" + name);
    }
  }
  // NOLINTNEXTLINE(misc-no-recursion): as above
  void read_entry(const std::string& path) {
    const std::string full = root_ + "/" + path;
    FileStat found;
    if (const int error = stat_at(AT_FDCWD, full.c_str(), found); error != 0) {
      // overlayfs lists some names that it then says are not there. ESTALE: one lower directory
      // under two names; the kernel shows it under that which it was asked for first.
      if (error == ESTALE) stale_.push_back(path);
      if (error != ENOENT && error != ESTALE) view_[path] = "refused";
      return;
    }
    std::string line = line_of(found.stat);
    if (found.stat.type == EntryType::kSymlink) {
      std::array<char, 4096> target{};
      line +=
          std::string(" -> ") +
          (::readlink(full.c_str(), target.data(), target.size() - 1) < 0 ? "?" : target.data());
    }
    if (found.stat.type == EntryType::kRegular) {
      base::UniqueFd file(::open(full.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
      line += file ? " " + base::read_all(file.get(), 1 << 20, full).value_or("?") : " unreadable";
    }
    for (const std::string& name : shown_attributes(full)) {
      std::array<char, 256> value{};
      const ssize_t got = ::lgetxattr(full.c_str(), name.c_str(), value.data(), value.size());
      line.append(" " + name + "=")
          .append(value.data(), static_cast<std::size_t>(got < 0 ? 0 : got));
      asked_[path].insert(name);
    }
    view_[path] = line;
    if (found.stat.type == EntryType::kDirectory) read_directory(path);
  }
  static std::set<std::string> shown_attributes(const std::string& full) {
    std::array<char, 4096> list{};
    const ssize_t length = ::llistxattr(full.c_str(), list.data(), list.size());
    std::set<std::string> names;
    for (ssize_t at = 0; at < length;) {
      const std::string name = list.data() + at;
      at += static_cast<ssize_t>(name.size()) + 1;
      if (name.rfind("user.", 0) == 0 || name.rfind("security.", 0) == 0) names.insert(name);
    }
    return names;
  }
  bool is_refused(const std::string& path) const {
    FileStat found;
    const int error = stat_at(AT_FDCWD, (root_ + "/" + path).c_str(), found);
    return error != 0 && error != ENOENT && error != ENOTDIR;
  }
  bool is_below_stale(const std::string& path) const {
    return std::any_of(stale_.begin(), stale_.end(), [&](const std::string& stale) {
      return (path + "/").rfind(stale + "/", 0) == 0;
    });
  }

  std::string root_;
  View view_;
  std::map<std::string, std::set<std::string>> asked_;
  std::vector<std::string> stale_;
};

/// What we show: by a walk.
class OurView final : public Visitor {
 public:
  OurView(const Tree& tree, const MountView& theirs) : tree_(tree), theirs_(theirs) {}
  WalkStep entry(const RootfsPath& path, const Stat& stat, Opener& opener) override {
    std::string line = line_of(stat);
    if (stat.type == EntryType::kSymlink) line += " -> " + tree_.readlink(path).value_or("?");
    if (stat.type == EntryType::kRegular) {
      const auto content = opener.open();
      line += content ? " " + read_content(**content, 1 << 20).value_or("?") : " unreadable";
    }
    for (const std::string& name : theirs_.asked_of(path.text())) {
      if (const auto value = opener.xattr(name)) line.append(" " + name + "=").append(*value);
    }
    view[path.text()] = line;
    return WalkStep::kGoOn;
  }
  void problem(const RootfsPath& path, const Error&) override {
    std::string& line = view[path.text()];
    line = line.empty() ? "refused" : line + " cannot be listed";
  }
  View view;

 private:
  const Tree& tree_;
  const MountView& theirs_;
};

/// The same by look-ups alone.
View look_up_view(const Tree& tree, const MountView& theirs) {
  View view;
  std::vector<RootfsPath> todo{RootfsPath()};
  while (!todo.empty()) {
    const RootfsPath here = todo.back();
    todo.pop_back();
    const auto entries = tree.list(here);
    if (!entries) {
      view[here.text()] += " cannot be listed";
      continue;
    }
    for (const DirEntry& entry : *entries) {
      const RootfsPath path = here / entry.name;
      const auto stat = tree.stat(path);
      std::string& line = view[path.text()];
      line = "refused";
      if (!stat) continue;
      line = line_of(*stat);
      if (stat->type == EntryType::kSymlink) line += " -> " + tree.readlink(path).value_or("?");
      if (stat->type == EntryType::kRegular) {
        const auto content = tree.open(path);
        line += content ? " " + read_content(**content, 1 << 20).value_or("?") : " unreadable";
      }
      for (const std::string& name : theirs.asked_of(path.text())) {
        if (const auto value = tree.xattr(path, name)) line.append(" " + name + "=").append(*value);
      }
      if (stat->type == EntryType::kDirectory) todo.push_back(path);
    }
  }
  return view;
}

std::set<std::string> shared_files(const LayeredTree& tree, const View& view) {
  std::map<std::pair<std::size_t, std::string>, std::set<std::string>> users;
  for (const auto& [path, line] : view) {
    const auto origin = tree.origin(at(path));
    if (!origin) continue;
    for (const Place& place : {origin->entry, origin->content}) {
      users[{place.layer, place.path.text()}].insert(path);
    }
  }
  std::set<std::string> shared;
  for (const auto& [place, paths] : users) {
    if (paths.size() > 1) shared.insert(paths.begin(), paths.end());
  }
  return shared;
}

/// Where `path` leads in the mount as if it were "/": "=a/b", "none" or "refused".
std::string resolve_in_mount(int root, const std::string& mount, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  base::UniqueFd found;
  do {  // EAGAIN: something was mounted or renamed on the machine meanwhile
    found.reset(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
  } while (!found && errno == EAGAIN);
  if (!found && errno == ESTALE) return "stale";
  if (!found) return errno == ENOENT || errno == ENOTDIR ? "none" : "refused";
  std::error_code failed;
  const auto name =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(found.get()), failed)
          .string();
  return "=" + (name.size() > mount.size() ? name.substr(mount.size() + 1) : std::string());
}

std::string resolve_in_ours(const Tree& tree, const std::string& path) {
  const auto found = resolve(tree, path);
  if (found) return "=" + found->text();
  return found.error().code() == ErrorCode::kNotFound ? "none" : "refused";
}

bool mount_stack(const MountMode& mode, RandomStack& stack, const std::string& base,
                 const std::string& merged) {
  if (mode.options == nullptr) {
    const std::string layers = "lowerdir=" + stack.lowerdir();
    const char* const arguments[] = {"fuse-overlayfs", "-o", layers.c_str(), merged.c_str(),
                                     nullptr};
    posix_spawn_file_actions_t quiet;
    ::posix_spawn_file_actions_init(&quiet);
    ::posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = -1;
    int status = -1;
    // It returns once the mount stands; NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    const bool ran = ::posix_spawnp(&pid, arguments[0], &quiet, nullptr,
                                    const_cast<char**>(arguments), environ) == 0 &&
                     ::waitpid(pid, &status, 0) == pid;
    ::posix_spawn_file_actions_destroy(&quiet);
    return ran && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  std::string options = "lowerdir=" + stack.lowerdir();
  // As a container has its writable layer, every other time.
  if (stack.pick(2) == 0) {
    const std::string work = base + "/top-work";
    ::mkdir(work.c_str(), 0755);
    options =
        "lowerdir=" + stack.lowerdir(1) + ",upperdir=" + stack.layers().back() + ",workdir=" + work;
  }
  if (*mode.options != '\0') options += std::string(",") + mode.options;
  if (::mount("overlay", merged.c_str(), "overlay", MS_RDONLY, options.c_str()) == 0) return true;
  std::fprintf(stderr, "cannot mount %s: %s\n", options.c_str(), std::strerror(errno));
  return false;
}

LayeredTree our_tree(const MountMode& mode, const RandomStack& stack, LookupMode look) {
  std::vector<StackedLayer> layers;
  for (const std::string& directory : stack.layers()) {
    base::UniqueFd top(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    layers.push_back(
        {std::make_shared<DirectoryTree>(std::move(top), directory, look), dialect_of(mode)});
  }
  return LayeredTree(std::move(layers), {mode.follow_redirects, mode.metacopy});
}

bool equal_queries(RandomStack& stack, const std::string& merged, const LayeredTree& fast,
                   const LayeredTree& slow) {
  base::UniqueFd root(::open(merged.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  bool same = true;
  for (int i = 0; i < kQueries; ++i) {
    const std::string path = stack.query();
    const std::string theirs = resolve_in_mount(root.get(), merged, path);
    for (const LayeredTree* tree : {&fast, &slow}) {
      const std::string ours = resolve_in_ours(*tree, path);
      if (ours == theirs || theirs == "stale") continue;
      std::fprintf(stderr, "'%s': mount %s ours %s\n", path.c_str(), theirs.c_str(), ours.c_str());
      same = false;
    }
  }
  return same;
}

/// 0, kNotPermitted, or another number with lines on standard error.
int compare(const std::string& scratch, const MountMode& mode, unsigned seed) {
  const std::string base = scratch + "/" + mode.name + std::to_string(seed);
  const std::string merged = base + "/merged";
  if (::mkdir(base.c_str(), 0755) != 0 || ::mkdir(merged.c_str(), 0755) != 0) return 2;
  RandomStack stack(base, mode, seed);
  if (!stack.make() || !mount_stack(mode, stack, base, merged)) return kNotPermitted;
  const MountView theirs(merged);
  const LayeredTree fast = our_tree(mode, stack, LookupMode::kOpenat2);
  const LayeredTree slow = our_tree(mode, stack, LookupMode::kComponents);
  OurView walked(fast, theirs);
  OurView walked_slowly(slow, theirs);
  if (!fast.walk(walked) || !slow.walk(walked_slowly)) return 3;
  const std::set<std::string> shared = shared_files(fast, walked.view);
  bool same = theirs.equals(walked.view, shared, "walk") &&
              theirs.equals(walked_slowly.view, shared, "walk by components") &&
              theirs.equals(look_up_view(fast, theirs), shared, "look-ups");
  // fuse-overlayfs 1.10 answers a look-up in a directory that it has not listed from below an
  // opaque one too; what it lists is what counts.
  if (mode.options != nullptr) same = equal_queries(stack, merged, fast, slow) && same;
  if (::umount2(merged.c_str(), MNT_DETACH) != 0) return 4;
  if (same) {
    std::filesystem::remove_all(base);
    return 0;
  }
  std::fprintf(stderr, "again: MERIDIAN_OVERLAY_STACK=%s:%u %s \"layered_tree: random stacks*\"\n",
               mode.name, seed, std::filesystem::read_symlink("/proc/self/exe").c_str());
  return kDifferent;
}

int compare_all(const std::string& scratch) {
  const char* const only = std::getenv("MERIDIAN_OVERLAY_STACK");
  int worst = 0;
  for (const MountMode& mode : kModes) {
    const unsigned seeds = mode.options == nullptr ? kFuseSeeds : kKernelSeeds;
    for (unsigned seed = 0; seed < seeds; ++seed) {
      if (only != nullptr && only != std::string(mode.name) + ":" + std::to_string(seed)) continue;
      const int status = compare(scratch, mode, seed);
      // A difference is never hidden by a mode that cannot be mounted here.
      if (status != 0 && (worst == 0 || worst == kNotPermitted)) worst = status;
      if (status == kNotPermitted) break;
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("layered_tree: random stacks merge as the kernel and fuse-overlayfs merge them") {
  const ScratchDir dir;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::unshare(CLONE_NEWNS) != 0) ::_exit(kNotPermitted);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(kNotPermitted);
    // tmpfs has trusted attributes and takes whiteouts, whatever /tmp is.
    if (::mount("t", dir.path().c_str(), "tmpfs", 0, nullptr) != 0) ::_exit(kNotPermitted);
    ::_exit(compare_all(dir.path()));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotPermitted) {
    WARN("skipped: mounting overlayfs, or fuse-overlayfs, is not permitted here");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace meridian::rootfs
