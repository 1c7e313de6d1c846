// SPDX-License-Identifier: Apache-2.0
//
// host_root.hpp: the scanned machine's root file system, and the only way to its files.
//
// Why: every path in an engine's files is a path of that machine. Below /host an absolute symbolic
// link (a relocated /var/lib/docker) must lead below /host again, and nothing may lead out of it.
// openat2(RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS), with a component-wise walk where the kernel or a
// sandbox has no openat2 (ENOSYS in gVisor, EPERM under seccomp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"
#include "model/host_path.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// Which look-up is used. kAuto tries openat2 once; the others are for tests.
enum class LookupMode { kAuto, kOpenat2, kComponents };

class HostRoot {
 public:
  /// `directory` is a path of this process. kNotFound or kUnreadable with its name.
  static Result<std::unique_ptr<HostRoot>> open(const std::string& directory,
                                                LookupMode mode = LookupMode::kAuto);
  HostRoot(const HostRoot&) = delete;
  HostRoot& operator=(const HostRoot&) = delete;
  ~HostRoot() = default;

  const std::string& directory() const { return directory_; }

  /// O_PATH descriptor of what `path` leads to, every link followed below the root.
  Result<base::UniqueFd> find(const model::HostPath& path) const;
  /// Regular files only: found as O_PATH, checked, then opened through that descriptor.
  Result<base::UniqueFd> open_file(const model::HostPath& path) const;
  Result<std::string> read_file(const model::HostPath& path, std::uint64_t limit) const;
  /// O_RDONLY|O_DIRECTORY.
  Result<base::UniqueFd> open_directory(const model::HostPath& path) const;
  /// Names in a directory, sorted; at most limits::kMaxEntries.
  Result<std::vector<DirEntry>> list(const model::HostPath& path) const;
  /// Text of a symbolic link whose parents may be links.
  Result<std::string> readlink(const model::HostPath& path) const;
  bool exists(const model::HostPath& path) const;

 private:
  HostRoot(std::string directory, base::UniqueFd root, LookupMode mode);
  std::string directory_;
  base::UniqueFd root_;
  LookupMode mode_;
};

}  // namespace meridian::rootfs
