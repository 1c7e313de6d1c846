// SPDX-License-Identifier: Apache-2.0
//
// directory_walk.hpp: visits everything below an open directory, from one thread or from several.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "rootfs/file_stat.hpp"
#include "rootfs/hard_links.hpp"
#include "rootfs/host_root.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// A directory whose entries were visited and whose sub-directories are to be walked.
struct DirectoryFrame {
  struct Child {
    std::string name;
    FileStat stat;
  };
  base::UniqueFd directory;  // none: closed to save descriptors, or given away
  FileStat stat;
  RootfsPath path;
  std::size_t depth = 0;        // of the top
  std::vector<Child> children;  // last first
};

/// One walk, as Tree::walk. One statx an entry, and nothing is opened but directories, unless the
/// visitor asks. Each thread holds at most kOpenDirectories descriptors however deep the tree is.
///
/// One thread leads; others may help, each with a visitor of its own: who has nothing left gets
/// directories of another. Each entry is visited once, a file with several names too, by one of
/// them; parents before children, whoever visits them. Nobody is given anything of a tree with less
/// than kLarge entries: sooner than that help costs more than it brings.
class DirectoryWalk {
 public:
  /// `root` outlives it; `name` stands for it in errors.
  DirectoryWalk(int root, std::string name, LookupMode mode);
  ~DirectoryWalk();
  DirectoryWalk(const DirectoryWalk&) = delete;
  DirectoryWalk& operator=(const DirectoryWalk&) = delete;

  /// Once. Returns when all was visited and no helper calls its visitor any more. A visitor that
  /// says kStop stops all of them.
  Result<void> lead(Visitor& visitor);

  /// Part of the tree that nobody else walks.
  struct Share {
    DirectoryFrame directory;  // its children
    std::vector<LinkedFile> files;
  };
  /// Waits until a walker has one to give; nothing: the walk is over.                   [any]
  std::optional<Share> wait_for_share();
  /// Walks it, and what else is given, until the walk is over. Due after wait_for_share(). [any]
  void help(Share share, Visitor& visitor);

 private:
  class Walker;
  std::optional<Share> take_share(std::unique_lock<std::mutex>& lock);
  void end_share();
  void count_wanted();

  const int root_;
  const std::string name_;
  const LookupMode mode_;
  FileStat top_;                         // written before anything is given
  std::atomic<std::size_t> waiting_{0};  // children of all frames
  std::atomic<std::size_t> wanted_{0};   // threads that wait and that nothing lies ready for
  std::atomic<bool> is_large_{false}, stopped_{false};

  std::mutex links_mutex_;
  HardLinks links_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Share> given_;
  std::size_t walking_ = 1, idle_ = 0;
  bool is_over_ = false;
};

/// Of one thread. Deeper trees are walked down again from the top on the way back.
inline constexpr std::size_t kOpenDirectories = 32;
inline constexpr std::size_t kLarge = 1000;

}  // namespace meridian::rootfs
