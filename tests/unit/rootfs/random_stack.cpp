// SPDX-License-Identifier: Apache-2.0
#include "rootfs/random_stack.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/read_file.hpp"
#include "base/unique_fd.hpp"

namespace meridian::rootfs {
namespace {

/// Of a change that may well be refused; what came of it shows in the mount.
void attempt(int) {}

constexpr unsigned kEntries = 14;
constexpr unsigned kChanges = 12;

bool set(const std::string& path, const std::string& name, const std::string& value) {
  return ::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0;
}

bool write_file(const std::string& path, const std::string& bytes) {
  base::UniqueFd fd(
      ::open(path.c_str(), O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  return fd && base::write_all(fd.get(), bytes).has_value();
}

bool is_directory(const std::string& path) {
  struct stat stat {};
  return ::lstat(path.c_str(), &stat) == 0 && S_ISDIR(stat.st_mode);
}

}  // namespace

RandomStack::RandomStack(std::string base, const MountMode& mode, unsigned seed)
    : base_(std::move(base)), mode_(mode), seed_(seed), random_(seed) {}

bool RandomStack::make() {
  const unsigned count = 2 + pick(3);
  for (unsigned i = 0; i < count; ++i) {
    const std::string directory = base_ + "/l" + std::to_string(i);
    if (::mkdir(directory.c_str(), 0755) != 0) return false;
    const bool by_kernel = i > 0 && mode_.options != nullptr && chance(2);
    if (by_kernel ? !change_through_kernel(directory) : !write_layer(directory, i == 0)) {
      return false;
    }
    layers_.push_back(directory);
  }
  return true;
}

std::string RandomStack::lowerdir(std::size_t from) const {
  std::string list;
  for (std::size_t i = layers_.size() - from; i-- > 0;) {
    list += (list.empty() ? "" : ":") + layers_[i];
  }
  return list;
}

std::string RandomStack::name() {
  // Few, so that the layers meet; one that is a marker in some dialects.
  static constexpr const char* kNames[] = {"a", "b", "c", "d", "a", "b", "c", ".wh.a"};
  return kNames[pick(8)];
}

std::string RandomStack::random_path(unsigned depth) {
  std::string path = name();
  for (unsigned i = 1; i < depth; ++i) path += "/" + name();
  return path;
}

std::string RandomStack::redirect() {
  switch (pick(12)) {
    case 0: {
      static constexpr const char* kNonsense[] = {"",   "/",     "a/b", "/a//b",
                                                  "..", "/../a", "/a/", "."};
      return kNonsense[pick(8)];
    }
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return "/" + random_path(1 + pick(3));
    default:
      return name();
  }
}

std::string RandomStack::content() {
  std::string bytes = "content " + std::to_string(random_()) + "\n";
  if (chance(5)) bytes.resize(5000 + pick(9000), 'x');
  return bytes;
}

bool RandomStack::write_layer(const std::string& directory, bool is_bottom) {
  for (unsigned i = 0; i < kEntries; ++i) {
    std::string path = directory;
    const unsigned depth = 1 + pick(3);
    for (unsigned level = 1; level < depth; ++level) {
      path += "/" + name();
      struct stat stat {};
      if (::lstat(path.c_str(), &stat) == 0) continue;
      if (::mkdir(path.c_str(), 0755) != 0) break;
      if (!mark_directory(path, mode_.own) || !finish_entry(path, false)) return false;
    }
    const std::string parent = path;
    path += "/" + name();
    struct stat stat {};
    if (!is_directory(parent) || ::lstat(path.c_str(), &stat) == 0) continue;
    if (!write_entry(path, is_bottom)) return false;
  }
  return true;
}

bool RandomStack::write_entry(const std::string& path, bool is_bottom) {
  const unsigned kind = pick(is_bottom ? 8 : 12);
  if (kind < 2) {
    return ::mkdir(path.c_str(), 0755) == 0 && mark_directory(path, mode_.own) &&
           finish_entry(path, false);
  }
  if (kind == 2) {
    const std::string target = (chance(2)   ? "/"
                                : chance(2) ? "../"
                                            : "") +
                               random_path(1 + pick(3));
    return ::symlink(target.c_str(), path.c_str()) == 0 && finish_entry(path, true);
  }
  if (kind == 3) return ::mkfifo(path.c_str(), 0644) == 0;
  if (kind == 10)
    return ::mknod(path.c_str(), S_IFCHR | 0600, makedev(0, pick(5) == 0 ? 1 : 0)) == 0;
  if (kind == 11 && mode_.options == nullptr) {
    // As fuse-overlayfs and aufs delete: by name.
    const std::string parent = path.substr(0, path.rfind('/'));
    write_file(parent + (chance(3) ? "/.wh..wh..opq" : "/.wh." + name()), "");
    return true;  // or there is a directory of that name
  }
  const bool empty = kind == 11 || chance(6);
  if (!write_file(path, empty ? "" : content())) return false;
  // The kernel's newer whiteout, in a directory that says so or not.
  if (kind == 11 && !set(path, std::string(mode_.own) + "whiteout", "y")) return false;
  if (chance(8)) {
    attempt(::link(path.c_str(), (path.substr(0, path.rfind('/')) + "/" + name()).c_str()));
  }
  return mark_file(path, mode_.own) && finish_entry(path, false);
}

bool RandomStack::mark_directory(const std::string& path, const char* prefix) {
  static constexpr const char* kOpaque[] = {"y", "y", "y", "x", "n", "yes"};
  const std::string own = prefix;
  if (chance(5) && !set(path, own + "opaque", kOpaque[pick(6)])) return false;
  if (chance(4) && !set(path, own + "redirect", redirect())) return false;
  if (chance(12) && !set(path, own + "overlay.opaque", "y")) return false;
  const std::string foreign = mode_.foreign;
  if (chance(6) && !set(path, foreign + "opaque", "y")) return false;
  if (chance(6) && !set(path, foreign + "redirect", redirect())) return false;
  return true;
}

bool RandomStack::mark_file(const std::string& path, const char* prefix) {
  const std::string own = prefix;
  if (chance(5)) {
    const std::string value = chance(6) ? "ab" : chance(2) ? "" : std::string("\0\4\0\0", 4);
    if (!set(path, own + "metacopy", value)) return false;
    if (chance(2) && !set(path, own + "redirect", redirect())) return false;
  }
  const std::string foreign = mode_.foreign;
  if (chance(6) && !set(path, foreign + "metacopy", "")) return false;
  if (chance(8) && !set(path, foreign + "whiteout", "")) return false;
  if (chance(8) && !set(path, foreign + "redirect", redirect())) return false;
  if (chance(12) && !set(path, own + "overlay.metacopy", "")) return false;
  return true;
}

bool RandomStack::finish_entry(const std::string& path, bool is_link) {
  if (!is_link && chance(4) && !set(path, "user.meridian", "u" + std::to_string(pick(100)))) {
    return false;
  }
  if (chance(4) && !set(path, "security.meridian", "s" + std::to_string(pick(100)))) return false;
  if (::lchown(path.c_str(), pick(3), pick(3)) != 0) return false;
  if (!is_link && ::chmod(path.c_str(), 0700 + pick(64)) != 0) return false;
  const timespec times[2] = {{1000, 0}, {static_cast<time_t>(1'500'000'000 + pick(1000)), 0}};
  return ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0;
}

bool RandomStack::change_through_kernel(const std::string& directory) {
  const std::string work = base_ + "/work";
  const std::string merged = base_ + "/making";
  if (::mkdir(work.c_str(), 0755) != 0 || ::mkdir(merged.c_str(), 0755) != 0) return false;
  const std::string options = "lowerdir=" + lowerdir() + ",upperdir=" + directory +
                              ",workdir=" + work + "," + mode_.made_with;
  if (::mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) != 0) {
    std::fprintf(stderr, "cannot mount %s: %s\n", options.c_str(), std::strerror(errno));
    return false;
  }
  for (unsigned i = 0; i < kChanges; ++i) change(merged);
  if (::umount2(merged.c_str(), 0) != 0) return false;
  std::filesystem::remove_all(work);
  return ::rmdir(merged.c_str()) == 0;
}

/// One change; many lead nowhere, which is no failure.
void RandomStack::change(const std::string& root) {
  const std::string path = root + "/" + random_path(1 + pick(3));
  const std::string other = root + "/" + random_path(1 + pick(3));
  std::error_code ignored;
  switch (pick(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      attempt(::rename(path.c_str(), other.c_str()));
      break;
    case 4:
      attempt(::lchown(path.c_str(), 1 + pick(9), 0));
      break;
    case 5:
      if (is_directory(path)) {
        attempt(::chmod(path.c_str(), 0700 + pick(64)));
      } else {
        attempt(::fchmodat(AT_FDCWD, path.c_str(), 0600 + pick(64), 0));
      }
      break;
    case 6:
      std::filesystem::remove_all(path, ignored);
      if (chance(2)) ::mkdir(path.c_str(), 0755);
      break;
    case 7:
      attempt(::unlink(path.c_str()));
      break;
    case 8:
      attempt(::link(path.c_str(), other.c_str()));
      break;
    case 9:
      ::mkdir(path.c_str(), 0711);
      set(path, mode_.foreign + std::string("opaque"), "y");
      break;
    case 10:
      set(path, "user.meridian", "changed");
      break;
    default:
      write_file(path, content());
  }
}

std::string RandomStack::query() {
  std::string path;
  const unsigned parts = 1 + pick(6);
  for (unsigned i = 0; i < parts; ++i) {
    if (i > 0 || chance(3)) path += chance(8) ? "//" : "/";
    path += chance(5) ? ".." : chance(12) ? "." : name();
  }
  return chance(5) ? path + "/" : path;
}

}  // namespace meridian::rootfs
