// SPDX-License-Identifier: Apache-2.0
#include "rootfs/trusted_access.hpp"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace meridian::rootfs {
namespace {

/// Inode of the first user namespace (PROC_USER_INIT_INO, linux/proc_ns.h); a constant of the ABI.
constexpr ino_t kFirstUserNamespace = 0xEFFFFFFD;

bool has_sys_admin() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return false;
  return (data[0].effective & (1u << CAP_SYS_ADMIN)) != 0;
}

}  // namespace

TrustedAccess trusted_access() {
  struct stat own {};
  const bool first = ::stat("/proc/self/ns/user", &own) == 0 && own.st_ino == kFirstUserNamespace;
  return first && has_sys_admin() ? TrustedAccess::kReadable : TrustedAccess::kHidden;
}

}  // namespace meridian::rootfs
