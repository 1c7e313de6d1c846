// SPDX-License-Identifier: Apache-2.0
#include "scan/cache/folder.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/read_file.hpp"
#include "base/state_folder.hpp"
#include "base/system_error.hpp"
#include "plugin/policy.hpp"
#include "scan/seal.hpp"

namespace meridian::scan {

namespace {

constexpr const char* kLock = "lock";
constexpr const char* kKey = "key";
constexpr const char* kFreshKey = "key.new";
constexpr int kFileFlags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

Result<std::string> random_key() {
  std::array<char, Seal::kKeyBytes> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return base::system_error(errno, "getrandom");
  }
  return std::string(bytes.data(), bytes.size());
}

}  // namespace

Result<CacheFolder> CacheFolder::open(const std::string& path) {
  base::make_folders(path);
  base::UniqueFd opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!opened || ::fstat(opened.get(), &status) != 0) return base::system_error(errno, path);
  MERIDIAN_CHECK(plugin::check_owner(status, path));
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) return base::system_error(errno, path);
  return CacheFolder(std::move(opened), real.get());
}

Result<base::UniqueFd> CacheFolder::lock() const {
  return base::lock_in(folder_.get(), path_, kLock);
}

Result<std::string> CacheFolder::key() const {
  const std::string name = path_ + "/" + kKey;
  auto part = plugin::read_part(folder_.get(), kKey, name, Seal::kKeyBytes);
  if (part) {
    MERIDIAN_CHECK(plugin::check_owner(part->status, name));
    if (part->bytes.size() == Seal::kKeyBytes) return std::move(part->bytes);
  } else if (part.error().code() == ErrorCode::kRefused) {
    return std::move(part).error();
  }
  // None, or not whole: what was kept under another one is not found again.
  MERIDIAN_TRY(std::string key, random_key());
  ::unlinkat(folder_.get(), kFreshKey, 0);  // a dead writer's
  const base::UniqueFd file(
      ::openat(folder_.get(), kFreshKey, O_WRONLY | O_CREAT | O_EXCL | kFileFlags, 0600));
  if (!file) return base::system_error(errno, name);
  auto written = base::write_all(file.get(), key);
  if (written && (::fsync(file.get()) != 0 ||
                  ::renameat(folder_.get(), kFreshKey, folder_.get(), kKey) != 0)) {
    written = base::system_error(errno, name);
  }
  if (!written) {
    ::unlinkat(folder_.get(), kFreshKey, 0);
    return std::move(written).error();
  }
  return key;
}

Result<void> CacheFolder::prepare(const std::string& file) const {
  const std::string name = path_ + "/" + file;
  struct stat status {};
  if (::fstatat(folder_.get(), file.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    if (!S_ISREG(status.st_mode)) {
      return Error(ErrorCode::kRefused,
                   name + " is " + plugin::type_name(status) + ", not a regular file; remove it");
    }
    return plugin::check_owner(status, name);
  }
  if (errno != ENOENT) return base::system_error(errno, name);
  const base::UniqueFd made(
      ::openat(folder_.get(), file.c_str(), O_WRONLY | O_CREAT | O_EXCL | kFileFlags, 0600));
  if (!made) return base::system_error(errno, name);
  return {};
}

}  // namespace meridian::scan
