// SPDX-License-Identifier: Apache-2.0
#include "base/state_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/system_error.hpp"

namespace meridian::base {

namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::chrono::milliseconds kBetween{10};

}  // namespace

void make_folders(const std::string& path) {
  for (std::size_t end = path.find('/', 1); true; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    static_cast<void>(::mkdir(part.c_str(), 0700));
    if (end == std::string::npos) return;
  }
}

Result<UniqueFd> lock_in(int fd, const std::string& path, const char* file) {
  const std::string name = path + "/" + file;
  UniqueFd opened(
      ::openat(fd, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600));
  if (!opened) return system_error(errno, name);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_error(errno, name);
    if (std::chrono::steady_clock::now() >= until) {
      return Error(ErrorCode::kUnreadable, name + ": held by another process");
    }
    std::this_thread::sleep_for(kBetween);
  }
  return opened;
}

}  // namespace meridian::base
