// SPDX-License-Identifier: Apache-2.0
//
// directory_walk.cpp: an explicit stack of directories for each thread, and what they give each
// other.
//
// What was seen by name is compared with what was opened: between the two the tree may have been
// rebuilt, and what is read must be what was matched.
#include "rootfs/directory_walk.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <iterator>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "base/unique_fd.hpp"
#include "rootfs/directory_reader.hpp"
#include "rootfs/file_content.hpp"
#include "rootfs/path_lookup.hpp"
#include "rootfs/xattr.hpp"

namespace meridian::rootfs {
namespace {

using base::UniqueFd;

/// `name` in `directory`, opened, if it still is what `seen` says.
Result<UniqueFd> open_seen(int directory, const char* name, const FileStat& seen, int extra,
                           const std::string& what) {
  const auto changed = [&] {
    return Error(ErrorCode::kChanged, base::escape(what) + ": replaced while it was looked at");
  };
  UniqueFd file(open_to_read(directory, name, O_NOFOLLOW | extra));
  if (!file) {
    // Gone, or by now a link (ELOOP), no directory, a socket (ENXIO).
    const bool replaced =
        errno == ENOENT || errno == ELOOP || errno == ENOTDIR || errno == ENXIO || errno == ENODEV;
    if (replaced) return changed();
    return base::system_error(errno, what);
  }
  FileStat now;
  if (const int error = stat_at(file.get(), "", now); error != 0) {
    return base::system_error(error, what);
  }
  if (!now.same_file(seen)) return changed();
  return file;
}

class EntryOpener final : public Visitor::Opener {
 public:
  EntryOpener(int directory, const char* name, const FileStat& seen, const std::string& tree,
              const RootfsPath& path)
      : directory_(directory), name_(name), seen_(seen), tree_(tree), path_(path) {}

  Result<std::unique_ptr<Content>> open() override {
    if (seen_.stat.type != EntryType::kRegular) {
      return Error(ErrorCode::kInvalid, base::escape(what()) + ": not a regular file");
    }
    std::string name = what();
    MERIDIAN_TRY(UniqueFd file, open_seen(directory_, name_, seen_, 0, name));
    return file_content(std::move(file), seen_.stat.size, std::move(name));
  }
  Result<std::string> xattr(const std::string& name) override {
    return read_xattr(directory_, name_, name, what());
  }

 private:
  std::string what() const { return tree_ + "/" + path_.text(); }

  int directory_;
  const char* name_;
  const FileStat& seen_;
  const std::string& tree_;
  const RootfsPath& path_;
};

/// By the path from the top: where a file with several names was met is long closed.
class LinkOpener final : public Visitor::Opener {
 public:
  LinkOpener(int root, LookupMode mode, const LinkedFile& file, const std::string& tree)
      : root_(root), mode_(mode), file_(file), tree_(tree) {}

  Result<std::unique_ptr<Content>> open() override {
    MERIDIAN_TRY(const UniqueFd found, find());
    MERIDIAN_TRY(UniqueFd file, reopen_file(found.get(), what()));
    return file_content(std::move(file), file_.stat.stat.size, what());
  }
  Result<std::string> xattr(const std::string& name) override {
    MERIDIAN_TRY(const UniqueFd found, find());
    return read_xattr(found.get(), "", name, what());
  }

 private:
  /// Under any of its names: one may have been removed meanwhile.
  Result<UniqueFd> find() const {
    std::optional<Error> failed;
    for (const RootfsPath& name : file_.names) {
      auto found = find_beneath(root_, name.text(), mode_, tree_ + "/" + name.text());
      FileStat now;
      if (found && stat_at(found->get(), "", now) == 0 && now.same_file(file_.stat)) return found;
      if (!found && found.error().code() != ErrorCode::kNotFound) failed = found.error();
    }
    if (failed) return *failed;
    return Error(ErrorCode::kChanged, base::escape(what()) + ": replaced while it was looked at");
  }
  std::string what() const { return tree_ + "/" + file_.names.front().text(); }

  int root_;
  LookupMode mode_;
  const LinkedFile& file_;
  const std::string& tree_;
};

}  // namespace

/// One thread of a walk.
class DirectoryWalk::Walker {
 public:
  Walker(DirectoryWalk& walk, Visitor& visitor) : walk_(walk), visitor_(visitor) {}
  /// Visits the entries of the top; what is below them is left for go_on().
  Result<void> begin();
  /// Walks what begin() left, and then what others give, until nothing is left of the tree.
  void go_on();
  /// Takes what was given away.
  void take(Share share);

 private:
  using Frame = DirectoryFrame;
  using Child = DirectoryFrame::Child;

  void walk_down();
  void give_away();
  /// Visits the entries of `frame`. An error is one of reading the directory.
  Result<void> visit_entries(Frame& frame);
  void visit(Frame& frame, const char* name, const RootfsPath& path);
  void visit_linked(LinkedFile file);
  Result<void> check_limits(const Frame& frame, const RootfsPath& path) const;
  void descend(const Child& child);
  Result<void> reopen(Frame& frame);
  std::string full_name(const RootfsPath& path) const { return walk_.name_ + "/" + path.text(); }

  DirectoryWalk& walk_;
  Visitor& visitor_;
  std::vector<Frame> stack_;
  std::size_t met_ = 0;  // entries, until they are enough to make the layer a large one
};

DirectoryWalk::DirectoryWalk(int root, std::string name, LookupMode mode)
    : root_(root), name_(std::move(name)), mode_(mode) {}
DirectoryWalk::~DirectoryWalk() = default;

Result<void> DirectoryWalk::lead(Visitor& visitor) {
  Walker walker(*this, visitor);
  auto begun = walker.begin();
  if (!begun) stopped_ = true;
  walker.go_on();
  return begun;
}

std::optional<DirectoryWalk::Share> DirectoryWalk::wait_for_share() {
  std::unique_lock lock(mutex_);
  return take_share(lock);
}

void DirectoryWalk::help(Share share, Visitor& visitor) {
  Walker walker(*this, visitor);
  walker.take(std::move(share));
  walker.go_on();
}

/// Waits for one, or for the end of the walk.
std::optional<DirectoryWalk::Share> DirectoryWalk::take_share(std::unique_lock<std::mutex>& lock) {
  ++idle_;
  count_wanted();
  changed_.wait(lock, [&] { return is_over_ || !given_.empty(); });
  --idle_;
  std::optional<Share> share;
  if (!is_over_) {
    share = std::move(given_.back());
    given_.pop_back();
    ++walking_;
  }
  count_wanted();
  return share;
}

/// A walker has come to the end of what it had.
void DirectoryWalk::end_share() {
  if (--walking_ > 0 || !given_.empty()) return;
  // Nobody meets more names: the files that have some elsewhere are visited with those here.
  std::vector<LinkedFile> rest;
  if (!stopped_) rest = links_.take_rest();
  constexpr std::size_t kFilesInShare = 128;
  for (std::size_t from = 0; from < rest.size(); from += kFilesInShare) {
    const auto first = rest.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last =
        first + static_cast<std::ptrdiff_t>(std::min(kFilesInShare, rest.size() - from));
    given_.push_back({{}, {std::make_move_iterator(first), std::make_move_iterator(last)}});
  }
  is_over_ = given_.empty();
  changed_.notify_all();
}

void DirectoryWalk::count_wanted() {
  wanted_.store(idle_ > given_.size() ? idle_ - given_.size() : 0, std::memory_order_relaxed);
}

Result<void> DirectoryWalk::Walker::begin() {
  Frame top;
  // A description of our own: reading moves its position.
  top.directory.reset(open_to_read(walk_.root_, ".", O_DIRECTORY));
  if (!top.directory) return base::system_error(errno, walk_.name_);
  if (const int error = stat_at(top.directory.get(), "", top.stat); error != 0) {
    return base::system_error(error, walk_.name_);
  }
  walk_.top_ = top.stat;
  MERIDIAN_CHECK(visit_entries(top));
  stack_.push_back(std::move(top));
  return {};
}

void DirectoryWalk::Walker::take(Share share) {
  if (!share.directory.children.empty()) stack_.push_back(std::move(share.directory));
  for (LinkedFile& file : share.files) visit_linked(std::move(file));
}

void DirectoryWalk::Walker::go_on() {
  for (;;) {
    walk_down();
    std::unique_lock lock(walk_.mutex_);
    if (walk_.stopped_) walk_.given_.clear();
    walk_.end_share();
    auto share = walk_.take_share(lock);
    lock.unlock();
    if (!share) return;
    take(*std::move(share));
  }
}

void DirectoryWalk::Walker::walk_down() {
  while (!walk_.stopped_ && !stack_.empty()) {
    if (walk_.wanted_.load(std::memory_order_relaxed) > 0 && walk_.is_large_) give_away();
    Frame& frame = stack_.back();
    if (frame.children.empty()) {
      stack_.pop_back();
      continue;
    }
    if (auto opened = reopen(frame); !opened) {
      visitor_.problem(frame.path, opened.error());
      walk_.waiting_ -= frame.children.size();
      stack_.pop_back();
      continue;
    }
    Child child = std::move(frame.children.back());
    frame.children.pop_back();
    --walk_.waiting_;
    descend(child);
  }
  stack_.clear();
}

/// Half of the sub-directories nearest to the top, as those have most below them; never the last.
void DirectoryWalk::Walker::give_away() {
  const auto has_children = [](const Frame& frame) { return !frame.children.empty(); };
  const auto frame = std::find_if(stack_.begin(), stack_.end(), has_children);
  if (frame == stack_.end()) return;
  auto& children = frame->children;
  if (children.size() == 1 && std::none_of(frame + 1, stack_.end(), has_children)) return;
  const auto half = children.begin() + static_cast<std::ptrdiff_t>((children.size() + 1) / 2);
  Share share;
  share.directory.stat = frame->stat;
  share.directory.path = frame->path;
  share.directory.depth = frame->depth;
  share.directory.children.assign(std::make_move_iterator(children.begin()),
                                  std::make_move_iterator(half));
  children.erase(children.begin(), half);
  const std::lock_guard lock(walk_.mutex_);
  walk_.given_.push_back(std::move(share));
  walk_.count_wanted();
  walk_.changed_.notify_one();
}

Result<void> DirectoryWalk::Walker::visit_entries(Frame& frame) {
  DirectoryReader reader(frame.directory.get());
  ChildPath child(frame.path);
  while (!walk_.stopped_) {
    const char* const name = reader.next();
    if (name == nullptr) break;
    visit(frame, name, child.named(name));
  }
  if (reader.error() != 0) return base::system_error(reader.error(), full_name(frame.path));
  return {};
}

void DirectoryWalk::Walker::visit(Frame& frame, const char* name, const RootfsPath& path) {
  if (met_ < kLarge && ++met_ == kLarge) walk_.is_large_ = true;
  FileStat found;
  if (const int error = stat_at(frame.directory.get(), name, found); error != 0) {
    // Deleted since the directory was read: as if it had been before.
    if (error != ENOENT) visitor_.problem(path, base::system_error(error, full_name(path)));
    return;
  }
  if (!found.same_mount(walk_.top_)) {
    visitor_.problem(
        path, Error(ErrorCode::kRefused,
                    base::escape(full_name(path)) + ": another file system is mounted there"));
    return;
  }
  if (found.links > 1 && found.stat.type == EntryType::kRegular) {
    std::unique_lock lock(walk_.links_mutex_);
    auto file = walk_.links_.add(path, found);
    lock.unlock();
    if (file) visit_linked(*std::move(file));
    return;
  }
  EntryOpener opener(frame.directory.get(), name, found, walk_.name_, path);
  const WalkStep step = visitor_.entry(path, found.stat, opener);
  if (step == WalkStep::kStop) walk_.stopped_ = true;
  if (step != WalkStep::kGoOn || found.stat.type != EntryType::kDirectory) return;
  if (auto allowed = check_limits(frame, path); !allowed) {
    visitor_.problem(path, std::move(allowed).error().in(base::escape(full_name(path))));
    return;
  }
  frame.children.push_back({name, found});
  ++walk_.waiting_;
}

void DirectoryWalk::Walker::visit_linked(LinkedFile file) {
  if (walk_.stopped_) return;
  // In which order they were met must not show.
  std::sort(file.names.begin(), file.names.end());
  LinkOpener opener(walk_.root_, walk_.mode_, file, walk_.name_);
  if (visitor_.links(file.names, file.stat.stat, opener) == WalkStep::kStop) walk_.stopped_ = true;
}

/// Whether the directory at `path` may be walked.
Result<void> DirectoryWalk::Walker::check_limits(const Frame& frame, const RootfsPath& path) const {
  const auto more_than = [](std::size_t limit, const char* what) {
    return Error(ErrorCode::kLimit, "not walked: more than " + std::to_string(limit) + " " + what);
  };
  if (frame.depth + 1 >= limits::kMaxDepth) {
    return more_than(limits::kMaxDepth, "levels of directories");
  }
  if (path.text().size() > limits::kMaxPath - NAME_MAX) {
    return more_than(limits::kMaxPath - NAME_MAX, "bytes of path");
  }
  if (walk_.waiting_ >= limits::kMaxEntries) {
    return more_than(limits::kMaxEntries, "directories that wait to be walked");
  }
  return {};
}

void DirectoryWalk::Walker::descend(const Child& child) {
  Frame next;
  next.stat = child.stat;
  next.path = stack_.back().path / child.name;
  next.depth = stack_.back().depth + 1;
  auto opened = open_seen(stack_.back().directory.get(), child.name.c_str(), child.stat,
                          O_DIRECTORY, full_name(next.path));
  if (!opened) {
    visitor_.problem(next.path, opened.error());
    return;
  }
  next.directory = *std::move(opened);
  if (auto read = visit_entries(next); !read) visitor_.problem(next.path, read.error());
  if (next.children.empty()) return;
  stack_.push_back(std::move(next));
  if (stack_.size() > kOpenDirectories) {
    stack_[stack_.size() - kOpenDirectories - 1].directory.reset();
  }
}

Result<void> DirectoryWalk::Walker::reopen(Frame& frame) {
  if (frame.directory) return {};
  const std::string what = full_name(frame.path);
  MERIDIAN_TRY(const UniqueFd found,
               find_beneath(walk_.root_, frame.path.text(), walk_.mode_, what));
  MERIDIAN_TRY(frame.directory, reopen_directory(found.get(), what));
  FileStat now;
  if (const int error = stat_at(frame.directory.get(), "", now); error != 0) {
    return base::system_error(error, what);
  }
  if (now.same_file(frame.stat)) return {};
  return Error(ErrorCode::kChanged, base::escape(what) + ": replaced while it was walked");
}

}  // namespace meridian::rootfs
