// SPDX-License-Identifier: Apache-2.0
//
// scratch.hpp: the folder that a lane's plugins may fill, where one of them declares it. TMPDIR
// names it to them.
//
// Where the lane may mount, it has memory of the declared size there, in a mount namespace of its
// own: bounded as a whole, and gone with the lane, whoever ends it. Elsewhere it is an ordinary
// folder of which only each file is bounded; the supervisor removes it, and one that a killed
// supervisor left is removed by the next scan.
#pragma once

#include <cstdint>
#include <string>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

/// The supervisor's side: made empty below $TMPDIR (/tmp), mode 0700; removed with this.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make();
  ScratchFolder(ScratchFolder&&) noexcept = default;
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::string& path() const { return path_; }

 private:
  ScratchFolder(std::string path, base::UniqueFd held)
      : path_(std::move(path)), held_(std::move(held)) {}
  std::string path_;
  base::UniqueFd held_;  // locked: somebody still uses it
};

/// In the lane, before its sandbox and while it has one thread: `bytes` of memory over the folder.
/// An error: it may not mount; the folder stays what it was.
Result<void> mount_scratch(const std::string& folder, std::uint64_t bytes);

/// All below `folder`, and the folder; no link is followed. What cannot be removed stays.
void remove_tree(const std::string& folder);

}  // namespace meridian::lane
