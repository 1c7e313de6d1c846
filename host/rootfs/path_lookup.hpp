// SPDX-License-Identifier: Apache-2.0
//
// path_lookup.hpp: from a path to an O_PATH descriptor that lies below a given directory.
//
// Why O_PATH: it names a file and does nothing to it; a FIFO does not block, a device does not act.
// The caller looks at what it got and opens that very file with reopen().
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::rootfs {

enum class LastLink { kFollow, kKeep };

/// As if `root` were "/": absolute links and ".." stay below it, also while the tree changes. A
/// link of procfs that leads to an open file or another root is refused by openat2; one component
/// at a time its text is followed, below `root` like any other. kNotFound; kLimit past
/// limits::kMaxSymlinks, kMaxPath or kMaxDepth; kChanged.
Result<base::UniqueFd> find_in_root(int root, std::string_view path, LastLink last,
                                    LookupMode mode);

/// No link is followed, the last part may be one; no mount is entered (kRefused). `path` has the
/// form of RootfsPath; `what` names it in errors. kNotFound, kUnreadable.
Result<base::UniqueFd> find_beneath(int root, const std::string& path, LookupMode mode,
                                    std::string_view what);

/// The regular file behind an O_PATH descriptor, for reading; kInvalid if it is none.
Result<base::UniqueFd> reopen_file(int found, std::string_view what);
/// The directory behind it, for reading; kInvalid if it is none.
Result<base::UniqueFd> reopen_directory(int found, std::string_view what);
/// The text of the symbolic link behind it; kInvalid if it is none.
Result<std::string> link_text(int found, std::string_view what);

/// openat for reading without touching the access time where that is allowed; never blocks, never
/// makes a terminal ours. `extra` adds flags. Returns -1 and sets errno.
int open_to_read(int directory, const char* name, int extra);

}  // namespace meridian::rootfs
