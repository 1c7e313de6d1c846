// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "base/unique_fd.hpp"

namespace meridian::cli {

namespace {

/// A device or pipe (/dev/stdout, /dev/null, >(...)) is written as it is: it cannot be replaced.
bool is_special(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

}  // namespace

Result<void> check_output(const std::string& path) {
  if (path == "-") return {};
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return Error(ErrorCode::kInvalid, "--output " + base::escape(path) + ": is a folder");
  }
  if (is_special(path)) return {};
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  return base::system_error(errno, path).in("--output");
}

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

Result<void> write_output(const std::string& path, std::string_view text) {
  if (path == "-") return base::write_all(STDOUT_FILENO, text);
  if (is_special(path)) {
    const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return base::system_error(errno, path);
    return base::write_all(fd.get(), text);
  }
  std::string fresh = path + ".XXXXXX";
  const base::UniqueFd fd(::mkostemp(fresh.data(), O_CLOEXEC));  // mode 0600
  if (!fd) return base::system_error(errno, path);
  auto written = base::write_all(fd.get(), text);
  if (written && std::rename(fresh.c_str(), path.c_str()) == 0) return {};
  const Error error = written ? base::system_error(errno, path) : Error(written.error()).in(path);
  ::unlink(fresh.c_str());
  return error;
}

}  // namespace meridian::cli
