// SPDX-License-Identifier: Apache-2.0
#include "base/unique_fd.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstddef>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MERIDIAN_TSAN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define MERIDIAN_TSAN 1
#endif

namespace meridian::base {

namespace {

// ThreadSanitizer follows close(), but not this one: the next file of that number would look as if
// two threads had it.
bool close_run([[maybe_unused]] int first, [[maybe_unused]] int last) {
#ifdef MERIDIAN_TSAN
  return false;
#else
  return ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0) == 0;
#endif
}

}  // namespace

void UniqueFd::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

void close_all(std::vector<UniqueFd>& files) noexcept {
  std::sort(files.begin(), files.end(),
            [](const UniqueFd& a, const UniqueFd& b) { return a.get() < b.get(); });
  for (std::size_t i = 0; i < files.size();) {
    const int first = files[i].get();
    std::size_t end = i + 1;
    while (end < files.size() && files[end].get() == files[end - 1].get() + 1) ++end;
    const int last = files[end - 1].get();
    if (first >= 0 && last > first && close_run(first, last)) {
      for (; i < end; ++i) static_cast<void>(files[i].release());
    }
    i = end;
  }
  files.clear();  // closes those that stood alone, or all where the kernel has no close_range
}

}  // namespace meridian::base
