// SPDX-License-Identifier: Apache-2.0
//
// landlock.hpp: one more Landlock layer on the calling thread and all that it starts from now on.
//
// Own numbers for what Debian 12's <linux/landlock.h> (ABI 2) does not have. Layers only ever take
// away; the kernel stacks at most 16. Side effect, in every layer: the thread can no longer look
// into processes outside of it (/proc/PID/exe, fd/, ns/), whatever its capabilities.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::lane {

/// Rights on files, as the kernel numbers them.
namespace landlock {
inline constexpr std::uint64_t kExecute = 1u << 0;
inline constexpr std::uint64_t kWriteFile = 1u << 1;
inline constexpr std::uint64_t kReadFile = 1u << 2;
inline constexpr std::uint64_t kReadDirectory = 1u << 3;
/// Create, remove, rename, truncate, device ioctl: bits 4 to 15.
inline constexpr std::uint64_t kChange = 0xfff0;
inline constexpr std::uint64_t kTruncate = 1u << 14;
inline constexpr std::uint64_t kRead = kReadFile | kReadDirectory;
inline constexpr std::uint64_t kWrite = kWriteFile | kChange;
}  // namespace landlock

/// A path and all below it. What is not there is passed over; of rights that make no sense for a
/// file or that this kernel does not know, the rest holds.
struct LandlockPath {
  std::string path;
  std::uint64_t rights = 0;
};

struct LandlockLayer {
  std::uint64_t handled = 0;  // rights that are refused wherever `allowed` does not give them
  bool no_network = false;    // TCP bind and connect to any port (ABI 4)
  bool own_scope = false;     // signals and abstract sockets only within (ABI 6)
  std::vector<LandlockPath> allowed;
};

/// ABI of this kernel's Landlock; 0: none, and errno says why.
int landlock_abi();

/// Needs no_new_privs. Parts beyond the kernel's ABI are left out: ask landlock_abi().
/// kUnsupported: there is none, with the reason alone as message; kUnreadable: it refused.
Result<void> add_landlock_layer(const LandlockLayer& layer);

}  // namespace meridian::lane
