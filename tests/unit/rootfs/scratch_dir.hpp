// SPDX-License-Identifier: Apache-2.0
//
// scratch_dir.hpp: a fresh directory on disk, filled through descriptors and removed at the end.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/read_file.hpp"
#include "base/unique_fd.hpp"
#include "support/catch.hpp"

namespace meridian::rootfs {

class ScratchDir {
 public:
  ScratchDir() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/meridian-rootfs-XXXXXX";
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~ScratchDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const std::string& path() const { return path_; }
  std::string at(std::string_view name) const { return path_ + "/" + std::string(name); }

  void directory(std::string_view name, mode_t mode = 0755) const {
    REQUIRE(::mkdir(at(name).c_str(), mode) == 0);
    REQUIRE(::chmod(at(name).c_str(), mode) == 0);
  }
  void file(std::string_view name, std::string_view content, mode_t mode = 0644) const {
    base::UniqueFd fd(::open(at(name).c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
    REQUIRE(fd);
    REQUIRE(base::write_all(fd.get(), content));
    REQUIRE(::fchmod(fd.get(), mode) == 0);
  }
  void symlink(std::string_view name, const std::string& target) const {
    REQUIRE(::symlink(target.c_str(), at(name).c_str()) == 0);
  }
  void fifo(std::string_view name) const { REQUIRE(::mkfifo(at(name).c_str(), 0644) == 0); }
  /// False where this process may not make devices.
  bool device(std::string_view name, mode_t type, unsigned major, unsigned minor) const {
    return ::mknod(at(name).c_str(), type | 0666, makedev(major, minor)) == 0;
  }
  base::UniqueFd open() const {
    base::UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(fd);
    return fd;
  }
  /// `levels` directories named `part`, one in the other, however long the path becomes; a
  /// descriptor of the last.
  base::UniqueFd chain(const std::string& part, int levels) const {
    base::UniqueFd here = open();
    for (int i = 0; i < levels; ++i) {
      REQUIRE(::mkdirat(here.get(), part.c_str(), 0755) == 0);
      base::UniqueFd next(::openat(here.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      REQUIRE(next);
      here = std::move(next);
    }
    return here;
  }

 private:
  std::string path_;
};

}  // namespace meridian::rootfs
