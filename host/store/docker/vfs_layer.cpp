// SPDX-License-Identifier: Apache-2.0
#include "store/docker/vfs_layer.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "rootfs/tar_tree.hpp"

namespace meridian::store {
namespace {

using rootfs::Content;
using rootfs::RootfsPath;
using rootfs::Stat;
using rootfs::Visitor;
using rootfs::WalkStep;

class VfsLayer final : public rootfs::Tree {
 public:
  VfsLayer(archive::Unpacker& unpacker, archive::BlobRange record,
           std::shared_ptr<const Tree> whole, std::string name)
      : names_(unpacker, std::move(record), name),
        whole_(std::move(whole)),
        name_(std::move(name)) {}

  Result<Stat> stat(const RootfsPath& path) const override { return names_.stat(path); }
  Result<std::vector<rootfs::DirEntry>> list(const RootfsPath& path) const override {
    return names_.list(path);
  }
  Result<std::string> readlink(const RootfsPath& path) const override {
    return names_.readlink(path);
  }
  Result<std::string> xattr(const RootfsPath& path, const std::string& name) const override {
    return names_.xattr(path, name);
  }
  Result<std::unique_ptr<Content>> open(const RootfsPath& path) const override {
    MERIDIAN_TRY(const Stat stat, names_.stat(path));
    return open_as(path, stat);
  }
  Result<void> walk(Visitor& visitor) const override;
  /// The file that the record describes so.
  Result<std::unique_ptr<Content>> open_as(const RootfsPath& path, const Stat& stat) const;

 private:
  rootfs::TarTree names_;
  std::shared_ptr<const Tree> whole_;
  std::string name_;
};

Result<std::unique_ptr<Content>> VfsLayer::open_as(const RootfsPath& path, const Stat& stat) const {
  const std::string what = base::escape(name_ + ": " + path.text());
  if (stat.type != rootfs::EntryType::kRegular) {
    return Error(ErrorCode::kInvalid, what + ": not a regular file");
  }
  MERIDIAN_TRY(auto content, whole_->open(path));
  if (content->size() == stat.size) return content;
  return Error(ErrorCode::kIntegrity, what + ": has " + std::to_string(content->size()) +
                                          " bytes, and its layer's record says " +
                                          std::to_string(stat.size));
}

/// Hands a walk over the record on, with the file system behind the names.
class NamesVisitor final : public Visitor {
 public:
  NamesVisitor(const VfsLayer& layer, Visitor& visitor) : layer_(layer), visitor_(visitor) {}
  WalkStep entry(const RootfsPath& path, const Stat& stat, Opener& opener) override {
    LayerOpener own(layer_, path, stat, opener);
    return visitor_.entry(path, stat, own);
  }
  WalkStep links(std::span<const RootfsPath> names, const Stat& stat, Opener& opener) override {
    LayerOpener own(layer_, names.front(), stat, opener);
    return visitor_.links(names, stat, own);
  }
  void problem(const RootfsPath& path, const Error& error) override {
    visitor_.problem(path, error);
  }

 private:
  class LayerOpener final : public Opener {
   public:
    LayerOpener(const VfsLayer& layer, const RootfsPath& path, const Stat& stat, Opener& opener)
        : layer_(layer), path_(path), stat_(stat), opener_(opener) {}
    Result<std::unique_ptr<Content>> open() override { return layer_.open_as(path_, stat_); }
    Result<std::string> xattr(const std::string& name) override { return opener_.xattr(name); }

   private:
    const VfsLayer& layer_;
    const RootfsPath& path_;
    const Stat& stat_;
    Opener& opener_;
  };

  const VfsLayer& layer_;
  Visitor& visitor_;
};

Result<void> VfsLayer::walk(Visitor& visitor) const {
  NamesVisitor own(*this, visitor);
  return names_.walk(own);
}

}  // namespace

std::shared_ptr<const rootfs::Tree> vfs_layer(archive::Unpacker& unpacker,
                                              archive::BlobRange record,
                                              std::shared_ptr<const rootfs::Tree> whole,
                                              std::string name) {
  return std::make_shared<VfsLayer>(unpacker, std::move(record), std::move(whole), std::move(name));
}

}  // namespace meridian::store
