// SPDX-License-Identifier: Apache-2.0
//
// host_root.cpp: every call finds an O_PATH descriptor first and then looks at what it is.
#include "rootfs/host_root.hpp"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "rootfs/directory_reader.hpp"
#include "rootfs/path_lookup.hpp"

namespace meridian::rootfs {

using base::UniqueFd;

HostRoot::HostRoot(std::string directory, UniqueFd root, LookupMode mode)
    : directory_(std::move(directory)), root_(std::move(root)), mode_(mode) {}

Result<std::unique_ptr<HostRoot>> HostRoot::open(const std::string& directory, LookupMode mode) {
  UniqueFd root(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return base::system_error(errno, directory);
  return std::unique_ptr<HostRoot>(new HostRoot(directory, std::move(root), mode));
}

Result<UniqueFd> HostRoot::find(const model::HostPath& path) const {
  return find_in_root(root_.get(), path.text(), LastLink::kFollow, mode_);
}

Result<UniqueFd> HostRoot::open_file(const model::HostPath& path) const {
  MERIDIAN_TRY(const UniqueFd found, find(path));
  return reopen_file(found.get(), path.text());
}

Result<std::string> HostRoot::read_file(const model::HostPath& path, std::uint64_t limit) const {
  MERIDIAN_TRY(const UniqueFd file, open_file(path));
  return base::read_all(file.get(), limit, path.text());
}

Result<UniqueFd> HostRoot::open_directory(const model::HostPath& path) const {
  MERIDIAN_TRY(const UniqueFd found, find(path));
  return reopen_directory(found.get(), path.text());
}

Result<std::vector<DirEntry>> HostRoot::list(const model::HostPath& path) const {
  MERIDIAN_TRY(const UniqueFd directory, open_directory(path));
  return list_directory(directory.get(), path.text());
}

Result<std::string> HostRoot::readlink(const model::HostPath& path) const {
  MERIDIAN_TRY(const UniqueFd link, find_in_root(root_.get(), path.text(), LastLink::kKeep, mode_));
  return link_text(link.get(), path.text());
}

bool HostRoot::exists(const model::HostPath& path) const { return find(path).has_value(); }

}  // namespace meridian::rootfs
