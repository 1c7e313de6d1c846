// SPDX-License-Identifier: Apache-2.0
#include "store/witness.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <initializer_list>

#include "base/system_error.hpp"

namespace meridian::store {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// The kernel stamps files by its tick, at most 10 ms; file systems without fractions have up to 2
/// seconds.
constexpr std::int64_t kTick = 20'000'000;
constexpr std::int64_t kCoarse = 2 * kSecond;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * kSecond + time.tv_nsec;
}

}  // namespace

Result<void> Witness::add(int fd, const std::string& name) {
  struct stat st {};
  timespec now{};
  if (::fstat(fd, &st) != 0 || ::clock_gettime(CLOCK_REALTIME, &now) != 0) {
    return base::system_error(errno, name);
  }
  const std::int64_t mtime = nanoseconds(st.st_mtim);
  const std::int64_t ctime = nanoseconds(st.st_ctim);
  for (const std::int64_t number :
       {static_cast<std::int64_t>(st.st_dev), static_cast<std::int64_t>(st.st_ino),
        static_cast<std::int64_t>(st.st_mode), static_cast<std::int64_t>(st.st_size), mtime,
        ctime}) {
    text_ += std::to_string(number) + " ";
  }
  const std::int64_t margin = st.st_ctim.tv_nsec == 0 ? kCoarse : kTick;
  is_settled_ = is_settled_ && ctime + margin < nanoseconds(now);
  return {};
}

Result<void> Witness::add_identity(int fd, const std::string& name) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return base::system_error(errno, name);
  text_ += std::to_string(st.st_dev) + " " + std::to_string(st.st_ino) + " ";
  return {};
}

void Witness::add(const std::string& word) {
  text_ += std::to_string(word.size()) + ":" + word + " ";
}

}  // namespace meridian::store
