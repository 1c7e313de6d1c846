// SPDX-License-Identifier: Apache-2.0
#include "lane/scratch.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <utility>

#include "base/read_file.hpp"
#include "base/system_error.hpp"

namespace meridian::lane {

namespace {

constexpr const char* kName = "meridian-scratch-";
/// Between its making and its lock a folder is nobody's.
constexpr std::time_t kYoung = 60;
/// Files and folders: a page of the kernel's memory each.
constexpr const char* kMostFiles = "65536";

std::string temporary_folder() {
  const char* const named = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return named != nullptr && *named == '/' ? named : "/tmp";
}

/// Open and locked, if nobody else has it so.
base::UniqueFd locked(const std::string& folder) {
  base::UniqueFd file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (file && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) file.reset();
  return file;
}

/// What scans that were killed have left.
void remove_abandoned(const std::string& below) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(below, failed)) {
    if (entry.path().filename().string().rfind(kName, 0) != 0) continue;
    const std::string path = entry.path();
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) continue;
    if (found.st_uid != ::geteuid() || std::time(nullptr) - found.st_mtime < kYoung) continue;
    if (const base::UniqueFd held = locked(path)) remove_tree(path);
  }
}

Result<void> write_own(const char* path, const std::string& text) {
  const base::UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file) return base::system_error(errno, path);
  return base::write_all(file.get(), text);
}

/// A mount namespace, in a user namespace of its own where that is what it takes.
Result<void> enter_namespace() {
  const std::string user = std::to_string(::geteuid()), group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWNS) == 0) return {};
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
    return base::system_error(errno, "a mount namespace");
  }
  MERIDIAN_CHECK(write_own("/proc/self/setgroups", "deny"));
  MERIDIAN_CHECK(write_own("/proc/self/uid_map", user + " " + user + " 1"));
  return write_own("/proc/self/gid_map", group + " " + group + " 1");
}

}  // namespace

Result<ScratchFolder> ScratchFolder::make() {
  const std::string below = temporary_folder();
  remove_abandoned(below);
  std::string path = below + "/" + kName + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return base::system_error(errno, "a folder in " + below);
  base::UniqueFd held = locked(path);
  if (!held) {
    const int error = errno;
    ::rmdir(path.c_str());
    return base::system_error(error, path);
  }
  return ScratchFolder(std::move(path), std::move(held));
}

ScratchFolder::~ScratchFolder() {
  if (held_) remove_tree(path_);
}

Result<void> mount_scratch(const std::string& folder, std::uint64_t bytes) {
  MERIDIAN_CHECK(enter_namespace());
  // Nothing of it reaches the machine's own mounts.
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return base::system_error(errno, "private mounts");
  }
  const std::string options =
      "mode=0700,size=" + std::to_string(bytes) + ",nr_inodes=" + kMostFiles;
  if (::mount("meridian-scratch", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
              options.c_str()) != 0) {
    return base::system_error(errno, "mounting scratch space");
  }
  return {};
}

void remove_tree(const std::string& folder) {
  std::error_code failed;  // who is left is removed by the next scan, or by nobody
  std::filesystem::remove_all(folder, failed);
}

}  // namespace meridian::lane
