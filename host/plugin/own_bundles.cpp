// SPDX-License-Identifier: Apache-2.0
#include "plugin/own_bundles.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <sstream>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "base/system_error.hpp"

namespace meridian::plugin {

namespace {

constexpr std::uint64_t kMaxList = 1 << 20;

Result<void> check_root_owned(const struct stat& status, const std::string& path) {
  if (status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return Error(ErrorCode::kRefused,
               base::escape(path) + ": not root's alone to write (chown root, chmod go-w)");
}

}  // namespace

Result<std::set<std::string>> read_own_bundles(const std::string& path) {
  MERIDIAN_TRY(const auto file, base::open_own_file(path));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return base::system_error(errno, path);
  MERIDIAN_CHECK(check_root_owned(status, path));
  const std::string folder = path.substr(0, path.rfind('/'));
  if (::stat(folder.c_str(), &status) != 0) return base::system_error(errno, folder);
  MERIDIAN_CHECK(check_root_owned(status, folder));
  MERIDIAN_TRY(const std::string text, base::read_all(file.get(), kMaxList, path));
  std::set<std::string> digests;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) digests.insert(line);
  }
  return digests;
}

}  // namespace meridian::plugin
