// SPDX-License-Identifier: Apache-2.0
//
// failed_tree.hpp: the place of a layer that could not be opened: every look-up is that error, so
// that nobody takes "could not look" for "not there".
#pragma once

#include <utility>

#include "rootfs/tree.hpp"

namespace meridian::rootfs {

class FailedTree final : public Tree {
 public:
  explicit FailedTree(Error why) : why_(std::move(why)) {}

  Result<Stat> stat(const RootfsPath&) const override { return why_; }
  Result<std::vector<DirEntry>> list(const RootfsPath&) const override { return why_; }
  Result<std::string> readlink(const RootfsPath&) const override { return why_; }
  Result<std::unique_ptr<Content>> open(const RootfsPath&) const override { return why_; }
  Result<std::string> xattr(const RootfsPath&, const std::string&) const override { return why_; }
  Result<void> walk(Visitor&) const override { return why_; }

 private:
  Error why_;
};

}  // namespace meridian::rootfs
