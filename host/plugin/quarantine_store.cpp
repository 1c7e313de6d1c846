// SPDX-License-Identifier: Apache-2.0
#include "plugin/quarantine_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/read_file.hpp"
#include "base/state_folder.hpp"
#include "base/system_error.hpp"
#include "plugin/policy.hpp"

namespace meridian::plugin {

namespace {

constexpr const char* kFile = "quarantine.json";
constexpr const char* kFresh = "quarantine.json.new";
constexpr const char* kCorrupt = "quarantine.json.corrupt";
constexpr const char* kLock = "quarantine.lock";
/// kMaxQuarantineRecords of them, each letter of a message escaped.
constexpr std::uint64_t kMaxFile = kMaxQuarantineRecords * (6 * kMaxQuarantineMessage + 2048);

}  // namespace

Result<QuarantineStore> QuarantineStore::open(const std::string& folder, IfAbsent if_absent) {
  if (if_absent == IfAbsent::kMake) base::make_folders(folder);
  base::UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!opened || ::fstat(opened.get(), &status) != 0) return base::system_error(errno, folder);
  MERIDIAN_CHECK(check_owner(status, folder));
  return QuarantineStore(std::move(opened), folder);
}

Result<Quarantine> QuarantineStore::read_file() const {
  const std::string path = path_ + "/" + kFile;
  auto part = read_part(folder_.get(), kFile, path, kMaxFile);
  if (!part && part.error().code() == ErrorCode::kNotFound) return Quarantine();
  if (!part && part.error().code() == ErrorCode::kLimit) {
    return Error(ErrorCode::kCorrupt, part.error().message());
  }
  if (!part) return std::move(part).error();
  MERIDIAN_CHECK(check_owner(part->status, path));
  return Quarantine::parse(part->bytes);
}

Result<base::UniqueFd> QuarantineStore::lock() const {
  return base::lock_in(folder_.get(), path_, kLock);
}

Result<void> QuarantineStore::set_aside() const {
  if (::renameat(folder_.get(), kFile, folder_.get(), kCorrupt) == 0) return {};
  return base::system_error(errno, path_ + "/" + kFile);
}

Result<Quarantine> QuarantineStore::read() {
  auto found = read_file();
  if (found || found.error().code() != ErrorCode::kCorrupt) return found;
  MERIDIAN_TRY(const auto held, lock());
  // Another may have set it aside, or written a good one, meanwhile.
  found = read_file();
  if (found || found.error().code() != ErrorCode::kCorrupt) return found;
  MERIDIAN_CHECK(set_aside());
  return std::move(found).error().in(path_ + "/" + kFile + " was set aside as " + kCorrupt);
}

Result<void> QuarantineStore::write(const std::string& text) const {
  const std::string path = path_ + "/" + kFresh;
  // Under the lock, so it is a dead writer's if it is there.
  ::unlinkat(folder_.get(), kFresh, 0);
  const base::UniqueFd file(
      ::openat(folder_.get(), kFresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return base::system_error(errno, path);
  auto written = base::write_all(file.get(), text);
  if (written &&
      (::fsync(file.get()) != 0 || ::renameat(folder_.get(), kFresh, folder_.get(), kFile) != 0)) {
    written = base::system_error(errno, path);
  }
  if (!written) ::unlinkat(folder_.get(), kFresh, 0);
  return written;
}

Result<void> QuarantineStore::update(const std::function<void(Quarantine&)>& change) {
  MERIDIAN_TRY(const auto held, lock());
  auto found = read_file();
  if (!found) {
    if (found.error().code() != ErrorCode::kCorrupt) return std::move(found).error();
    MERIDIAN_CHECK(set_aside());
    found = Quarantine();
  }
  found->expire(base::utc_now());
  change(*found);
  return write(found->json());
}

}  // namespace meridian::plugin
