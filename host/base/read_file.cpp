// SPDX-License-Identifier: Apache-2.0
#include "base/read_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_pace.hpp"
#include "base/system_error.hpp"

namespace meridian::base {
namespace {

constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
// Most of an engine's files hold one id.
constexpr std::uint64_t kFirstRead = 16 << 10;

Result<struct stat> regular_stat(int fd, std::string_view what) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return system_error(errno, what);
  if (S_ISREG(st.st_mode)) return st;
  return Error(ErrorCode::kInvalid,
               escape(what) + ": " +
                   (S_ISDIR(st.st_mode) ? "is a directory, not a file" : "is not a regular file"));
}

}  // namespace

Result<std::size_t> read_at(int fd, std::uint64_t offset, void* buffer, std::size_t size,
                            std::string_view what) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(fd, static_cast<char*>(buffer) + done, size - done,
                              static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, what);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  pay_for_read(done);
  return done;
}

Result<std::string> read_all(int fd, std::uint64_t limit, std::string_view what) {
  std::string text;
  struct stat st {};
  // What has a size is read by one call, and into memory of that size. Kernel files have none.
  const bool has_size = ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
  const auto first = has_size ? static_cast<std::uint64_t>(st.st_size) + 1 : kFirstRead;
  while (text.size() <= limit) {
    const auto before = text.size();
    const std::uint64_t step = before == 0 ? first : limits::kChunk;
    // One byte past the limit tells "exactly full" from "more".
    const auto want = std::min<std::uint64_t>(limit + 1 - before, step);
    text.resize(before + static_cast<std::size_t>(want));
    MERIDIAN_TRY(const std::size_t n,
                 read_at(fd, before, text.data() + before, static_cast<std::size_t>(want), what));
    text.resize(before + n);
    if (n < want) break;
  }
  if (text.size() > limit) {
    return Error(ErrorCode::kLimit,
                 escape(what) + ": more than " + std::to_string(limit) + " bytes");
  }
  return text;
}

Result<UniqueFd> open_own_file(const std::string& path) {
  // O_PATH first: opening a device or FIFO may block or act.
  UniqueFd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return system_error(errno, path);
  MERIDIAN_TRY(const struct stat seen, regular_stat(place.get(), path));
  UniqueFd file(::open(("/proc/self/fd/" + std::to_string(place.get())).c_str(), kReadFlags));
  if (!file && errno == ENOENT) file.reset(::open(path.c_str(), kReadFlags));  // no /proc here
  if (!file) return system_error(errno, path);
  MERIDIAN_TRY(const struct stat opened, regular_stat(file.get(), path));
  if (opened.st_dev != seen.st_dev || opened.st_ino != seen.st_ino) {
    return Error(ErrorCode::kChanged, escape(path) + ": replaced while it was opened");
  }
  return file;
}

Result<std::string> read_own_file(const std::string& path, std::uint64_t limit) {
  MERIDIAN_TRY(const UniqueFd file, open_own_file(path));
  return read_all(file.get(), limit, path);
}

Result<UniqueFd> make_scratch_file() {
  const char* const named = std::getenv("TMPDIR");
  const std::string folder = named != nullptr && *named != '\0' ? named : "/tmp";
  UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  if (!file) file.reset(::memfd_create("meridian-scratch", MFD_CLOEXEC));
  if (!file) return system_error(errno, "scratch file in " + folder);
  return file;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, "write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<UniqueFd> reopen_for_reading(int fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  UniqueFd again(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!again) return system_error(errno, "opening a scratch file again");
  return again;
}

}  // namespace meridian::base
