// SPDX-License-Identifier: Apache-2.0
//
// directory_walk.cpp: an explicit stack of directories.
//
// What was seen by name is compared with what was opened: between the two the tree may have been
// rebuilt, and what is read must be what was matched.
#include "rootfs/directory_walk.hpp"

#include <fcntl.h>

#include <cerrno>
#include <climits>
#include <optional>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "base/unique_fd.hpp"
#include "rootfs/directory_reader.hpp"
#include "rootfs/file_content.hpp"
#include "rootfs/file_stat.hpp"
#include "rootfs/hard_links.hpp"
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

struct Child {
  std::string name;
  FileStat stat;
};

/// A directory whose entries were visited and whose sub-directories are being walked.
struct Frame {
  UniqueFd directory;  // none: closed to save descriptors
  FileStat stat;
  RootfsPath path;
  std::vector<Child> children;  // last first
};

class DirectoryWalk {
 public:
  DirectoryWalk(int root, const std::string& name, LookupMode mode, Visitor& visitor)
      : root_(root), name_(name), mode_(mode), visitor_(visitor) {}
  Result<void> run();

 private:
  /// Visits the entries of `frame`. An error is one of reading the directory.
  Result<void> visit_entries(Frame& frame);
  void visit(Frame& frame, const char* name);
  void visit_linked(const LinkedFile& file);
  Result<void> check_limits(const RootfsPath& path) const;
  void descend(const Child& child);
  Result<void> reopen(Frame& frame);
  std::string full_name(const RootfsPath& path) const { return name_ + "/" + path.text(); }

  int root_;
  const std::string& name_;
  LookupMode mode_;
  Visitor& visitor_;
  FileStat top_;
  std::size_t waiting_ = 0;  // children of all frames
  bool stopped_ = false;
  std::vector<Frame> stack_;
  HardLinks links_;
};

Result<void> DirectoryWalk::run() {
  Frame top;
  // A description of our own: reading moves its position.
  top.directory.reset(open_to_read(root_, ".", O_DIRECTORY));
  if (!top.directory) return base::system_error(errno, name_);
  if (const int error = stat_at(top.directory.get(), "", top.stat); error != 0) {
    return base::system_error(error, name_);
  }
  top_ = top.stat;
  MERIDIAN_CHECK(visit_entries(top));
  stack_.push_back(std::move(top));
  while (!stopped_ && !stack_.empty()) {
    Frame& frame = stack_.back();
    if (frame.children.empty()) {
      stack_.pop_back();
      continue;
    }
    if (auto opened = reopen(frame); !opened) {
      visitor_.problem(frame.path, opened.error());
      waiting_ -= frame.children.size();
      stack_.pop_back();
      continue;
    }
    Child child = std::move(frame.children.back());
    frame.children.pop_back();
    --waiting_;
    descend(child);
  }
  for (const LinkedFile& file : links_.take_rest()) visit_linked(file);
  return {};
}

Result<void> DirectoryWalk::visit_entries(Frame& frame) {
  DirectoryReader reader(frame.directory.get());
  while (!stopped_) {
    const char* const name = reader.next();
    if (name == nullptr) break;
    visit(frame, name);
  }
  if (reader.error() != 0) return base::system_error(reader.error(), full_name(frame.path));
  return {};
}

void DirectoryWalk::visit(Frame& frame, const char* name) {
  const RootfsPath path = frame.path / name;
  FileStat found;
  if (const int error = stat_at(frame.directory.get(), name, found); error != 0) {
    // Deleted since the directory was read: as if it had been before.
    if (error != ENOENT) visitor_.problem(path, base::system_error(error, full_name(path)));
    return;
  }
  if (!found.same_mount(top_)) {
    visitor_.problem(
        path, Error(ErrorCode::kRefused,
                    base::escape(full_name(path)) + ": another file system is mounted there"));
    return;
  }
  if (found.links > 1 && found.stat.type == EntryType::kRegular) {
    if (const auto file = links_.add(path, found)) visit_linked(*file);
    return;
  }
  EntryOpener opener(frame.directory.get(), name, found, name_, path);
  const WalkStep step = visitor_.entry(path, found.stat, opener);
  if (step == WalkStep::kStop) stopped_ = true;
  if (step != WalkStep::kGoOn || found.stat.type != EntryType::kDirectory) return;
  if (auto allowed = check_limits(path); !allowed) {
    visitor_.problem(path, std::move(allowed).error().in(base::escape(full_name(path))));
    return;
  }
  frame.children.push_back({name, found});
  ++waiting_;
}

void DirectoryWalk::visit_linked(const LinkedFile& file) {
  if (stopped_) return;
  LinkOpener opener(root_, mode_, file, name_);
  if (visitor_.links(file.names, file.stat.stat, opener) == WalkStep::kStop) stopped_ = true;
}

/// Whether the directory at `path` may be walked.
Result<void> DirectoryWalk::check_limits(const RootfsPath& path) const {
  const auto more_than = [](std::size_t limit, const char* what) {
    return Error(ErrorCode::kLimit, "not walked: more than " + std::to_string(limit) + " " + what);
  };
  if (stack_.size() + 1 >= limits::kMaxDepth) {
    return more_than(limits::kMaxDepth, "levels of directories");
  }
  if (path.text().size() > limits::kMaxPath - NAME_MAX) {
    return more_than(limits::kMaxPath - NAME_MAX, "bytes of path");
  }
  if (waiting_ >= limits::kMaxEntries) {
    return more_than(limits::kMaxEntries, "directories that wait to be walked");
  }
  return {};
}

void DirectoryWalk::descend(const Child& child) {
  Frame next;
  next.stat = child.stat;
  next.path = stack_.back().path / child.name;
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

Result<void> DirectoryWalk::reopen(Frame& frame) {
  if (frame.directory) return {};
  const std::string what = full_name(frame.path);
  MERIDIAN_TRY(const UniqueFd found, find_beneath(root_, frame.path.text(), mode_, what));
  MERIDIAN_TRY(frame.directory, reopen_directory(found.get(), what));
  FileStat now;
  if (const int error = stat_at(frame.directory.get(), "", now); error != 0) {
    return base::system_error(error, what);
  }
  if (now.same_file(frame.stat)) return {};
  return Error(ErrorCode::kChanged, base::escape(what) + ": replaced while it was walked");
}

}  // namespace

Result<void> walk_directory(int root, const std::string& name, LookupMode mode, Visitor& visitor) {
  return DirectoryWalk(root, name, mode, visitor).run();
}

}  // namespace meridian::rootfs
