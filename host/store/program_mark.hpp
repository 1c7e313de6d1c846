// SPDX-License-Identifier: Apache-2.0
//
// program_mark.hpp: whose program a file is, by what its compiler left in it: the paths of Go
// packages, names of libraries. A file's name is anybody's choice; these are in every build, also
// stripped ones, as Go's stack traces need them.
#pragma once

#include <string_view>

#include "meridian/result.hpp"
#include "model/host_path.hpp"
#include "rootfs/host_root.hpp"

namespace meridian::store {

/// What of a program is looked at, from its beginning; real ones have 10 to 80 MB.
inline constexpr std::uint64_t kMaxProgram = 256ull << 20;

/// The file name that the program's project gives it: "runsc", "runc", "crun", "youki"; empty: it
/// has the mark of none.
Result<std::string_view> program_mark(const rootfs::HostRoot& host, const model::HostPath& path);

}  // namespace meridian::store
