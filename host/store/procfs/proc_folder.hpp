// SPDX-License-Identifier: Apache-2.0
//
// proc_folder.hpp: one folder of the procfs below a host root, whose owner may be gone at any
// moment.
//
// Names are single components and no link is followed, so that nothing leads out of the folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

/// How a look ended.
enum class Look {
  kSeen,
  kCut,      // there is more than the limit; what fits is there
  kGone,     // its process ended, or has no such thing
  kRefused,  // EACCES, EPERM: mostly a missing CAP_SYS_PTRACE
  kFailed,   // anything else
};

/// Whether there is a procfs of the machine below the host root: its first process is always there.
bool has_procfs(const rootfs::HostRoot& host);

class ProcFolder {
 public:
  /// The procfs itself; kGone throughout if there is none.
  explicit ProcFolder(const rootfs::HostRoot& host);
  /// A folder in this one.
  ProcFolder folder(const std::string& name) const;

  /// A regular file's bytes, at most `limit`.
  Look text(const std::string& name, std::size_t limit, std::string& out) const;
  Look link(const std::string& name, std::string& out) const;
  /// The names that are numbers, ascending, at most `limit`.
  Look numbers(std::size_t limit, std::vector<std::uint64_t>& out) const;

 private:
  ProcFolder(base::UniqueFd directory, Look opened)
      : directory_(std::move(directory)), opened_(opened) {}

  base::UniqueFd directory_;  // O_PATH
  Look opened_;
};

}  // namespace meridian::store
