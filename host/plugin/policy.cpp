// SPDX-License-Identifier: Apache-2.0
//
// policy.cpp: see policy.hpp.
#include "plugin/policy.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "plugin/refusal.hpp"

namespace meridian::plugin {
namespace {

std::string quoted(const std::string& path) { return "'" + base::escape(path) + "'"; }

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  static_cast<void>(
      std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777)));
  return text.data();
}

Error wrong_type(const struct stat& status, const std::string& path, const char* required) {
  return refused(std::string("it is ") + type_name(status), required,
                 std::string("replace ") + quoted(path) + " by " + required);
}

}  // namespace

const char* type_name(const struct stat& status) {
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
      return "a regular file";
    case S_IFDIR:
      return "a folder";
    case S_IFLNK:
      return "a symbolic link";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a device";
  }
}

Result<void> check_owner(const struct stat& status, const std::string& path) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return refused(quoted(path) + " belongs to uid " + std::to_string(status.st_uid),
                   "root or uid " + std::to_string(::geteuid()) + " owns it",
                   "chown " + std::to_string(::geteuid()) + " " + quoted(path));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refused(quoted(path) + " has mode " + octal(status.st_mode),
                   "group and others cannot write to it", "chmod go-w " + quoted(path));
  }
  return {};
}

Result<Part> read_part(int folder, const std::string& name, const std::string& path,
                       std::uint64_t limit) {
  Part part;
  // Looked at first: opening a device can act on it.
  if (::fstatat(folder, name.c_str(), &part.status, AT_SYMLINK_NOFOLLOW) != 0) {
    return base::system_error(errno, path);
  }
  if (!S_ISREG(part.status.st_mode)) return wrong_type(part.status, path, "a regular file");
  const base::UniqueFd file(
      ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file || ::fstat(file.get(), &part.status) != 0) return base::system_error(errno, path);
  if (!S_ISREG(part.status.st_mode)) return wrong_type(part.status, path, "a regular file");
  const auto size = static_cast<std::uint64_t>(part.status.st_size);
  if (size > limit) {
    return Error(ErrorCode::kLimit,
                 refusal_text(std::to_string(size) + " bytes", "at most " + std::to_string(limit),
                              "remove or shrink " + quoted(path)));
  }
  MERIDIAN_TRY(part.bytes, base::read_all(file.get(), limit, path));
  return part;
}

Result<base::UniqueFd> open_folder(int folder, const std::string& name, const std::string& path,
                                   struct stat& status) {
  base::UniqueFd opened(
      ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (opened && ::fstat(opened.get(), &status) == 0) return opened;
  const int reason = errno;
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      !S_ISDIR(status.st_mode)) {
    return wrong_type(status, path, "a folder");
  }
  return base::system_error(reason, path);
}

}  // namespace meridian::plugin
