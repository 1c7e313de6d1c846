// SPDX-License-Identifier: Apache-2.0
//
// own_files.hpp: what procfs says of this process. A text that cannot be read is an empty one:
// whoever asks takes absence for "not known".
#pragma once

#include <cstdint>
#include <string>

namespace meridian::environment {

/// A node with 10,000 containers has some MiB of mounts; everything else has some KiB.
inline constexpr std::uint64_t kMaxMountInfo = 16ull << 20;
inline constexpr std::uint64_t kMaxOwnText = 1ull << 20;

/// Inodes of the first namespaces (linux/proc_ns.h); constants of the ABI.
inline constexpr std::uint64_t kFirstUserNamespace = 0xEFFFFFFD;
inline constexpr std::uint64_t kFirstPidNamespace = 0xEFFFFFFC;

/// Empty if it is not there, or has more than `limit`.
std::string own_text(const std::string& path, std::uint64_t limit);
/// The inode of /proc/self/ns/NAME; 0: there is none.
std::uint64_t own_namespace(const std::string& name);
/// The value in a text of "Name:\tvalue" lines, without spaces around it; "" without such a line.
std::string line_value(const std::string& text, const std::string& name);

}  // namespace meridian::environment
