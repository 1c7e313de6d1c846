// SPDX-License-Identifier: Apache-2.0
//
// unique_fd.hpp: owns one file descriptor.
//
// A bare `int fd` parameter borrows; a by-value UniqueFd takes. Every open here says O_CLOEXEC.
#pragma once

#include <utility>
#include <vector>

namespace meridian::base {

class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  /// Closes what it held, once: close() is never retried after EINTR (Linux has closed it).
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

/// Closes them all and leaves none; neighbours, as they arrive together, by one system call.
void close_all(std::vector<UniqueFd>& files) noexcept;

}  // namespace meridian::base
