// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/proc_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>

#include "rootfs/directory_reader.hpp"
#include "rootfs/file_stat.hpp"
#include "rootfs/path_lookup.hpp"

namespace meridian::store {
namespace {

using base::UniqueFd;
using model::HostPath;

constexpr std::size_t kLinkLimit = 4096;  // the kernel's answer has at most a page
constexpr std::size_t kStep = 64 << 10;

Look look_of(int error) {
  switch (error) {
    case 0:
      return Look::kSeen;
    case ENOENT:
    case ESRCH:
    case ENOTDIR:
      return Look::kGone;
    case EACCES:
    case EPERM:
      return Look::kRefused;
    default:
      return Look::kFailed;
  }
}

Look read_up_to(int file, std::size_t limit, std::string& out) {
  out.clear();
  // One byte past the limit tells "exactly full" from "more".
  while (out.size() <= limit) {
    const std::size_t before = out.size();
    out.resize(before + std::min(kStep, limit + 1 - before));
    const ssize_t got = ::read(file, out.data() + before, out.size() - before);
    const int error = got < 0 ? errno : 0;
    out.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (error == EINTR) continue;
    if (error != 0) return look_of(error);
    if (got == 0) return Look::kSeen;
  }
  out.resize(limit);
  return Look::kCut;
}

}  // namespace

bool has_procfs(const rootfs::HostRoot& host) {
  return host.exists(*HostPath::parse("/proc/1/stat"));
}

ProcFolder::ProcFolder(const rootfs::HostRoot& host) : opened_(Look::kGone) {
  auto found = host.find(*HostPath::parse("/proc"));
  if (!found) return;
  directory_ = *std::move(found);
  opened_ = Look::kSeen;
}

ProcFolder ProcFolder::folder(const std::string& name) const {
  if (opened_ != Look::kSeen) return {UniqueFd(), opened_};
  UniqueFd found(
      ::openat(directory_.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  const Look opened = look_of(found ? 0 : errno);
  return {std::move(found), opened};
}

Look ProcFolder::text(const std::string& name, std::size_t limit, std::string& out) const {
  if (opened_ != Look::kSeen) return opened_;
  const UniqueFd found(::openat(directory_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!found) return look_of(errno);
  rootfs::FileStat seen;
  if (const int error = rootfs::stat_at(found.get(), "", seen); error != 0) return look_of(error);
  if (seen.stat.type != rootfs::EntryType::kRegular) return Look::kFailed;
  const UniqueFd file(
      rootfs::open_to_read(AT_FDCWD, ("/proc/self/fd/" + std::to_string(found.get())).c_str(), 0));
  if (!file) return look_of(errno);
  return read_up_to(file.get(), limit, out);
}

Look ProcFolder::link(const std::string& name, std::string& out) const {
  if (opened_ != Look::kSeen) return opened_;
  out.resize(kLinkLimit);
  const ssize_t got = ::readlinkat(directory_.get(), name.c_str(), out.data(), out.size());
  const int error = got < 0 ? errno : 0;
  out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return look_of(error);
}

Look ProcFolder::numbers(std::size_t limit, std::vector<std::uint64_t>& out) const {
  out.clear();
  if (opened_ != Look::kSeen) return opened_;
  const UniqueFd directory(rootfs::open_to_read(directory_.get(), ".", O_DIRECTORY));
  if (!directory) return look_of(errno);
  Look look = Look::kSeen;
  rootfs::DirectoryReader reader(directory.get());
  while (const char* const name = reader.next()) {
    const std::string_view text(name);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) continue;
    if (out.size() == limit) {
      look = Look::kCut;
      break;
    }
    out.push_back(value);
  }
  std::sort(out.begin(), out.end());
  return reader.error() != 0 ? look_of(reader.error()) : look;
}

}  // namespace meridian::store
