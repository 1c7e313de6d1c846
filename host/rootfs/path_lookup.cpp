// SPDX-License-Identifier: Apache-2.0
//
// path_lookup.cpp: openat2 where there is one, else one component at a time.
#include "rootfs/path_lookup.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <optional>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "rootfs/file_stat.hpp"

namespace meridian::rootfs {
namespace {

using base::UniqueFd;

constexpr int kPathFlags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
/// openat2 answers EAGAIN while anything on the machine is renamed or mounted.
constexpr int kMaxAgain = 32;
/// Directories opened by one component-wise look-up: each ".." walks down from the root again.
constexpr std::size_t kMaxSteps = 64 << 10;

/// -1 and errno, or a descriptor. ENOSYS: there is no openat2, or this path is nothing for it.
int open_by_openat2(int root, const std::string& path, int flags, std::uint64_t resolve) {
  static std::atomic<bool> absent{false};
  if (path.size() >= PATH_MAX || absent.load(std::memory_order_relaxed)) return errno = ENOSYS, -1;
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = resolve;
  const char* const name = path.empty() ? "." : path.c_str();
  for (int attempt = 0; attempt < kMaxAgain; ++attempt) {
    const long fd = ::syscall(SYS_openat2, root, name, &how, sizeof how);
    if (fd >= 0) return static_cast<int>(fd);
    if (errno != EAGAIN && errno != EINTR) break;
  }
  if (errno == ENOSYS) absent.store(true, std::memory_order_relaxed);
  // A seccomp filter that knows no openat2 says EPERM; without end renamed: no progress this way.
  if (errno == EPERM || errno == EAGAIN) errno = ENOSYS;
  return -1;
}

/// A look-up as the kernel makes it, in user space. It never opens "..", which would leave the root
/// if the directory was moved away meanwhile: it keeps the names and goes down again.
class ComponentWalk {
 public:
  ComponentWalk(int root, std::string_view path, LastLink last)
      : root_(root), what_(path), rest_(path), last_(last) {}
  Result<UniqueFd> run();

 private:
  /// The next part of rest_, without its slashes; nullopt at the end.
  std::optional<std::string> next_part();
  Result<void> catch_up();
  Result<UniqueFd> open_part(const char* name, int extra);
  Result<void> expand_link(int link);
  int here() const { return here_ ? here_.get() : root_; }
  Error limit(std::string_view which) const {
    return Error(ErrorCode::kLimit, base::escape(what_) + ": " + std::string(which));
  }

  int root_;
  std::string what_;
  std::string rest_;
  LastLink last_;
  std::vector<std::string> parts_;  // from the root to where we are, no links among them
  UniqueFd here_;                   // none: the root
  bool behind_ = false;             // here_ is not yet what parts_ says
  int links_ = 0;
  std::size_t steps_ = 0;
};

Result<UniqueFd> ComponentWalk::run() {
  while (const auto part = next_part()) {
    if (*part == ".") continue;
    if (*part == "..") {
      if (parts_.empty()) continue;
      parts_.pop_back();
      behind_ = true;
      continue;
    }
    MERIDIAN_CHECK(catch_up());
    MERIDIAN_TRY(UniqueFd child, open_part(part->c_str(), 0));
    FileStat found;
    if (const int error = stat_at(child.get(), "", found); error != 0) {
      return base::system_error(error, what_);
    }
    // A slash behind the name asks for what the link leads to.
    const bool is_last = rest_.empty();
    if (found.stat.type == EntryType::kSymlink && (!is_last || last_ == LastLink::kFollow)) {
      MERIDIAN_CHECK(expand_link(child.get()));
      continue;
    }
    if (found.stat.type != EntryType::kDirectory) {
      if (!is_last) return base::system_error(ENOTDIR, what_);
      return child;
    }
    if (parts_.size() >= limits::kMaxDepth) return limit("too many levels of directories");
    parts_.push_back(*part);
    here_ = std::move(child);
  }
  MERIDIAN_CHECK(catch_up());
  if (here_) return std::move(here_);
  return open_part(".", O_DIRECTORY);
}

std::optional<std::string> ComponentWalk::next_part() {
  rest_.erase(0, std::min(rest_.find_first_not_of('/'), rest_.size()));
  if (rest_.empty()) return std::nullopt;
  std::string part = rest_.substr(0, rest_.find('/'));
  rest_.erase(0, part.size());
  return part;
}

Result<void> ComponentWalk::catch_up() {
  if (!behind_) return {};
  here_.reset();
  for (const std::string& part : parts_) {
    auto next = open_part(part.c_str(), O_DIRECTORY);
    if (!next && next.error().code() == ErrorCode::kNotFound) {
      return Error(ErrorCode::kChanged, base::escape(what_) + ": a directory was moved meanwhile");
    }
    if (!next) return std::move(next).error();
    here_ = *std::move(next);
  }
  behind_ = false;
  return {};
}

Result<UniqueFd> ComponentWalk::open_part(const char* name, int extra) {
  if (++steps_ > kMaxSteps) return limit("more than " + std::to_string(kMaxSteps) + " steps");
  UniqueFd fd(::openat(here(), name, kPathFlags | extra));
  if (!fd) return base::system_error(errno, what_);
  return fd;
}

Result<void> ComponentWalk::expand_link(int link) {
  if (++links_ > limits::kMaxSymlinks) return limit("too many symbolic links");
  MERIDIAN_TRY(std::string text, link_text(link, what_));
  if (text.empty()) return base::system_error(ENOENT, what_);
  if (text[0] == '/' && !parts_.empty()) {
    parts_.clear();
    behind_ = true;
  }
  rest_.insert(0, text);
  if (rest_.size() > limits::kMaxPath) return limit("the path behind its links is too long");
  return {};
}

Result<UniqueFd> components_beneath(int root, const std::string& path, std::string_view what) {
  const auto refused = [&] {
    return Error(ErrorCode::kRefused,
                 base::escape(what) + ": another file system is mounted there");
  };
  FileStat top;
  if (const int error = stat_at(root, "", top); error != 0) return base::system_error(error, what);
  UniqueFd here;
  std::size_t at = 0;
  do {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string part = path.empty() ? "." : path.substr(at, slash - at);
    // O_DIRECTORY on the way: a symbolic link there is ENOTDIR, never followed.
    const int on_the_way = slash < path.size() ? O_DIRECTORY : 0;
    // Of a marker, or from an archive: no file system has such a file.
    if (part.size() > NAME_MAX) return base::system_error(ENOENT, what);
    UniqueFd next(::openat(here ? here.get() : root, part.c_str(), kPathFlags | on_the_way));
    if (!next) return base::system_error(errno, what);
    FileStat found;
    if (const int error = stat_at(next.get(), "", found); error != 0) {
      return base::system_error(error, what);
    }
    if (!found.same_mount(top)) return refused();
    here = std::move(next);
    at = slash + 1;
  } while (at < path.size());
  return here;
}

}  // namespace

Result<UniqueFd> find_in_root(int root, std::string_view path, LastLink last, LookupMode mode) {
  if (path.size() > limits::kMaxPath) {
    return Error(ErrorCode::kLimit, "a path of " + std::to_string(path.size()) + " bytes");
  }
  if (mode != LookupMode::kComponents) {
    const int flags = O_PATH | O_CLOEXEC | (last == LastLink::kKeep ? O_NOFOLLOW : 0);
    const int fd =
        open_by_openat2(root, std::string(path), flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (fd >= 0) return UniqueFd(fd);
    if (errno == ELOOP) {
      return Error(ErrorCode::kLimit,
                   base::escape(path) + ": too many symbolic links, or one of procfs that is none");
    }
    // ENAMETOOLONG: links that add up to more than PATH_MAX; a name that is too long stays so.
    if (errno != ENOSYS && errno != ENAMETOOLONG) return base::system_error(errno, path);
  }
  return ComponentWalk(root, path, last).run();
}

Result<UniqueFd> find_beneath(int root, const std::string& path, LookupMode mode,
                              std::string_view what) {
  if (mode != LookupMode::kComponents) {
    constexpr std::uint64_t kResolve =
        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    const int fd = open_by_openat2(root, path, kPathFlags, kResolve);
    if (fd >= 0) return UniqueFd(fd);
    // ELOOP: a parent is a symbolic link, which is no directory here.
    if (errno == ELOOP) return base::system_error(ENOTDIR, what);
    if (errno == EXDEV) {
      return Error(ErrorCode::kRefused,
                   base::escape(what) + ": another file system is mounted there");
    }
    // ENAMETOOLONG: the path in all, or one name of it.
    if (errno != ENOSYS && errno != ENAMETOOLONG) return base::system_error(errno, what);
  }
  return components_beneath(root, path, what);
}

int open_to_read(int directory, const char* name, int extra) {
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | extra;
  const int fd = ::openat(directory, name, flags | O_NOATIME);
  // O_NOATIME is for the owner and CAP_FOWNER; not being it gives EPERM.
  return fd < 0 && errno == EPERM ? ::openat(directory, name, flags) : fd;
}

Result<UniqueFd> reopen_file(int found, std::string_view what) {
  FileStat before;
  if (const int error = stat_at(found, "", before); error != 0) {
    return base::system_error(error, what);
  }
  if (before.stat.type != EntryType::kRegular) {
    return Error(ErrorCode::kInvalid, base::escape(what) + ": not a regular file");
  }
  UniqueFd file(open_to_read(AT_FDCWD, ("/proc/self/fd/" + std::to_string(found)).c_str(), 0));
  if (!file && errno == ENOENT) {
    // Not kNotFound: the file is there.
    return Error(ErrorCode::kUnreadable, base::escape(what) + ": needs /proc to be opened");
  }
  if (!file) return base::system_error(errno, what);
  return file;
}

Result<UniqueFd> reopen_directory(int found, std::string_view what) {
  UniqueFd directory(open_to_read(found, ".", O_DIRECTORY));
  if (directory) return directory;
  if (errno == ENOTDIR) {
    return Error(ErrorCode::kInvalid, base::escape(what) + ": not a directory");
  }
  return base::system_error(errno, what);
}

Result<std::string> link_text(int found, std::string_view what) {
  std::string text(256, '\0');
  for (;;) {
    const ssize_t got = ::readlinkat(found, "", text.data(), text.size());
    // ENOENT (an O_PATH descriptor of no link) and EINVAL: it is there and is no link.
    if (got < 0 && (errno == ENOENT || errno == EINVAL)) {
      return Error(ErrorCode::kInvalid, base::escape(what) + ": not a symbolic link");
    }
    if (got < 0) return base::system_error(errno, what);
    if (static_cast<std::size_t>(got) < text.size()) {
      text.resize(static_cast<std::size_t>(got));
      return text;
    }
    if (text.size() >= limits::kMaxPath) {
      return Error(ErrorCode::kLimit, base::escape(what) + ": the link is too long");
    }
    text.resize(text.size() * 4);
  }
}

}  // namespace meridian::rootfs
