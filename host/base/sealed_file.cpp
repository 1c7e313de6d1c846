// SPDX-License-Identifier: Apache-2.0
#include "base/sealed_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/read_file.hpp"
#include "base/system_error.hpp"

namespace meridian::base {

namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

}  // namespace

Result<UniqueFd> sealed_memfd(const std::string& name, std::string_view bytes) {
  UniqueFd file(::memfd_create(name.substr(0, 249).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return system_error(errno, "memfd_create");
  MERIDIAN_CHECK(write_all(file.get(), bytes));
  if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) {
    return system_error(errno, "sealing " + name);
  }
  return file;
}

Result<std::string> read_sealed(int fd, std::uint64_t limit, std::string_view what) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_error(errno, what);
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (!S_ISREG(status.st_mode) || seals < 0 || (seals & kSeals) != kSeals) {
    return Error(ErrorCode::kRefused, std::string(what) + ": not a sealed file in memory");
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > limit) {
    return Error(ErrorCode::kLimit, std::string(what) + ": " + std::to_string(size) +
                                        " bytes, limit " + std::to_string(limit));
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  MERIDIAN_TRY(const std::size_t got, read_at(fd, 0, bytes.data(), bytes.size(), what));
  if (got != bytes.size()) {
    return Error(ErrorCode::kChanged, std::string(what) + ": shorter than it was");
  }
  return bytes;
}

}  // namespace meridian::base
