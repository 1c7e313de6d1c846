// SPDX-License-Identifier: Apache-2.0
//
// xattr.cpp: by way of /proc/self/fd, for there is no getxattrat before Linux 6.13 and fgetxattr
// refuses O_PATH.
#include "rootfs/xattr.hpp"

#include <sys/xattr.h>

#include <array>
#include <cerrno>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"

namespace meridian::rootfs {

Result<std::string> read_xattr(int fd, std::string_view entry, const std::string& attribute,
                               std::string_view what) {
  std::string path = "/proc/self/fd/" + std::to_string(fd);
  if (!entry.empty()) path.append("/").append(entry);
  // The link of procfs is to be followed, a link of the tree is not.
  const auto get = entry.empty() ? ::getxattr : ::lgetxattr;

  std::array<char, 256> small;
  ssize_t got = get(path.c_str(), attribute.c_str(), small.data(), small.size());
  if (got >= 0) return std::string(small.data(), static_cast<std::size_t>(got));
  if (errno == ERANGE) {
    std::string value(limits::kMaxXattr, '\0');
    got = get(path.c_str(), attribute.c_str(), value.data(), value.size());
    if (got >= 0) {
      value.resize(static_cast<std::size_t>(got));
      return value;
    }
  }
  const int error = errno;
  if (error == ENODATA || error == EOPNOTSUPP) {
    return Error(ErrorCode::kNotFound,
                 base::escape(what) + ": no attribute " + base::escape(attribute));
  }
  if (error == ENOENT || error == ENOTDIR) {
    // Not kNotFound, which would say that there is no such attribute.
    return Error(ErrorCode::kUnreadable,
                 base::escape(what) + ": it is gone, or there is no /proc to reach it by");
  }
  return base::system_error(error, std::string(what) + ": attribute " + attribute);
}

}  // namespace meridian::rootfs
