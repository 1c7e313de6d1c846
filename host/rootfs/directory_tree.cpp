// SPDX-License-Identifier: Apache-2.0
//
// directory_tree.cpp: look-ups; the walk is directory_walk.cpp.
#include "rootfs/directory_tree.hpp"

#include <utility>

#include "base/system_error.hpp"
#include "rootfs/directory_reader.hpp"
#include "rootfs/file_content.hpp"
#include "rootfs/file_stat.hpp"
#include "rootfs/path_lookup.hpp"
#include "rootfs/xattr.hpp"

namespace meridian::rootfs {

using base::UniqueFd;

namespace {

Result<FileStat> stat_found(const UniqueFd& found, std::string_view what) {
  FileStat stat;
  if (const int error = stat_at(found.get(), "", stat); error != 0) {
    return base::system_error(error, what);
  }
  return stat;
}

}  // namespace

DirectoryTree::DirectoryTree(UniqueFd directory, std::string name, LookupMode mode)
    : directory_(std::move(directory)), name_(std::move(name)), mode_(mode) {}

std::string DirectoryTree::full_name(const RootfsPath& path) const {
  return path.is_root() ? name_ : name_ + "/" + path.text();
}

Result<UniqueFd> DirectoryTree::find(const RootfsPath& path) const {
  return find_beneath(directory_.get(), path.text(), mode_, full_name(path));
}

Result<Stat> DirectoryTree::stat(const RootfsPath& path) const {
  MERIDIAN_TRY(const UniqueFd found, find(path));
  MERIDIAN_TRY(const FileStat stat, stat_found(found, full_name(path)));
  return stat.stat;
}

Result<std::vector<DirEntry>> DirectoryTree::list(const RootfsPath& path) const {
  MERIDIAN_TRY(const UniqueFd found, find(path));
  MERIDIAN_TRY(const UniqueFd directory, reopen_directory(found.get(), full_name(path)));
  return list_directory(directory.get(), full_name(path));
}

Result<std::string> DirectoryTree::readlink(const RootfsPath& path) const {
  MERIDIAN_TRY(const UniqueFd found, find(path));
  return link_text(found.get(), full_name(path));
}

Result<std::unique_ptr<Content>> DirectoryTree::open(const RootfsPath& path) const {
  MERIDIAN_TRY(const UniqueFd found, find(path));
  MERIDIAN_TRY(UniqueFd file, reopen_file(found.get(), full_name(path)));
  MERIDIAN_TRY(const FileStat stat, stat_found(file, full_name(path)));
  // Looked up, and often again.
  return file_content(std::move(file), stat.stat.size, full_name(path), {});
}

Result<std::string> DirectoryTree::xattr(const RootfsPath& path, const std::string& name) const {
  MERIDIAN_TRY(const UniqueFd found, find(path));
  return read_xattr(found.get(), "", name, full_name(path));
}

Result<void> DirectoryTree::walk(Visitor& visitor) const {
  return DirectoryWalk(directory_.get(), name_, mode_).lead(visitor);
}

std::unique_ptr<DirectoryWalk> DirectoryTree::begin_walk() const {
  return std::make_unique<DirectoryWalk>(directory_.get(), name_, mode_);
}

}  // namespace meridian::rootfs
