// SPDX-License-Identifier: Apache-2.0
#include "scan/cache/unopened_tree.hpp"

namespace meridian::scan {

using rootfs::RootfsPath;

Result<const rootfs::Tree*> UnopenedTree::tree() const {
  std::call_once(once_, [this] { opened_.emplace(open_()); });
  if (!*opened_) {
    // Not that there is no such path: that nothing is known of it.
    const Error& why = opened_->error();
    return Error(why.code() == ErrorCode::kNotFound ? ErrorCode::kChanged : why.code(),
                 why.message());
  }
  return (*opened_)->get();
}

Result<rootfs::Stat> UnopenedTree::stat(const RootfsPath& path) const {
  MERIDIAN_TRY(const rootfs::Tree* const opened, tree());
  return opened->stat(path);
}

Result<std::vector<rootfs::DirEntry>> UnopenedTree::list(const RootfsPath& path) const {
  MERIDIAN_TRY(const rootfs::Tree* const opened, tree());
  return opened->list(path);
}

Result<std::string> UnopenedTree::readlink(const RootfsPath& path) const {
  MERIDIAN_TRY(const rootfs::Tree* const opened, tree());
  return opened->readlink(path);
}

Result<std::unique_ptr<rootfs::Content>> UnopenedTree::open(const RootfsPath& path) const {
  MERIDIAN_TRY(const rootfs::Tree* const opened, tree());
  return opened->open(path);
}

Result<std::string> UnopenedTree::xattr(const RootfsPath& path, const std::string& name) const {
  MERIDIAN_TRY(const rootfs::Tree* const opened, tree());
  return opened->xattr(path, name);
}

Result<std::vector<std::string>> UnopenedTree::xattr_names(const RootfsPath& path) const {
  MERIDIAN_TRY(const rootfs::Tree* const opened, tree());
  return opened->xattr_names(path);
}

Result<void> UnopenedTree::walk(rootfs::Visitor& visitor) const {
  MERIDIAN_TRY(const rootfs::Tree* const opened, tree());
  return opened->walk(visitor);
}

}  // namespace meridian::scan
