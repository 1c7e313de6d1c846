// SPDX-License-Identifier: Apache-2.0
#include "store/docker/vfs_layer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "base/read_file.hpp"
#include "base/system_error.hpp"
#include "rootfs/tar_tree.hpp"
#include "store/docker/tar_split.hpp"

namespace meridian::store {
namespace {

using rootfs::Content;
using rootfs::RootfsPath;
using rootfs::Stat;
using rootfs::Visitor;
using rootfs::WalkStep;

constexpr std::size_t kPiece = 64 << 10;

/// Into a file of its own, zeros as holes.
Result<rootfs::BlobRange> spooled(archive::ByteSource& source) {
  MERIDIAN_TRY(base::UniqueFd file, base::make_scratch_file());
  std::vector<char> buffer(kPiece);
  std::uint64_t size = 0;
  for (;;) {
    MERIDIAN_TRY(const std::size_t got, source.read(buffer.data(), buffer.size()));
    if (got == 0) break;
    size += got;
    const auto end = buffer.begin() + static_cast<std::ptrdiff_t>(got);
    if (std::all_of(buffer.begin(), end, [](char c) { return c == 0; })) {
      if (::lseek(file.get(), static_cast<off_t>(size), SEEK_SET) < 0) {
        return base::system_error(errno, "scratch file");
      }
    } else {
      MERIDIAN_CHECK(base::write_all(file.get(), {buffer.data(), got}));
    }
  }
  if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    return base::system_error(errno, "scratch file");
  }
  return rootfs::BlobRange{std::make_shared<base::UniqueFd>(std::move(file)), 0, size};
}

class VfsLayer final : public rootfs::Tree {
 public:
  VfsLayer(rootfs::BlobRange names, std::shared_ptr<const Tree> whole, std::string name)
      : names_(std::move(names), name), whole_(std::move(whole)), name_(std::move(name)) {}

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

Result<std::shared_ptr<const rootfs::Tree>> vfs_layer(std::unique_ptr<archive::ByteSource> record,
                                                      std::shared_ptr<const rootfs::Tree> whole,
                                                      std::string name) {
  const auto tar = tar_of_split(std::move(record));
  MERIDIAN_TRY(rootfs::BlobRange names, spooled(*tar));
  return std::shared_ptr<const rootfs::Tree>(
      std::make_shared<VfsLayer>(std::move(names), std::move(whole), std::move(name)));
}

}  // namespace meridian::store
