// SPDX-License-Identifier: Apache-2.0
#include "store/directory/directory_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/escape.hpp"
#include "base/system_error.hpp"
#include "rootfs/directory_tree.hpp"

namespace meridian::store {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

}  // namespace

Result<std::unique_ptr<Store>> DirectoryStore::open(const std::string& path) {
  base::UniqueFd directory(::open(path.c_str(), kDirectoryFlags));
  if (!directory) {
    const int why = errno;
    struct stat st {};
    if (why == ENOTDIR && ::stat(path.c_str(), &st) == 0) {
      return Error(ErrorCode::kInvalid, base::escape(path) + ": is no directory");
    }
    return base::system_error(why, path);
  }
  return std::unique_ptr<Store>(new DirectoryStore(path, std::move(directory)));
}

DirectoryStore::DirectoryStore(const std::string& path, base::UniqueFd directory)
    : runtime_{"dir", path, "", "given"}, directory_(std::move(directory)) {}

void DirectoryStore::read(std::size_t index, model::Inventory& out) {
  model::Layer layer;
  layer.id = "dir:" + runtime_.root;
  layer.store = index;
  layer.kind = model::LayerKind::kDirectory;
  layer.identity = model::LayerIdentity::kLocal;
  layer.dialect = model::MarkerDialect::kNone;
  model::Image image;
  image.id = layer.id;
  image.layers.push_back(std::move(layer));
  image.present_in.push_back({index, image.id, {}});
  out.images.push_back(std::move(image));
}

Result<std::shared_ptr<const rootfs::Tree>> DirectoryStore::open_layer(const model::Layer&) const {
  // A description of its own: a duplicate would share the position of its listing.
  base::UniqueFd own(::openat(directory_.get(), ".", kDirectoryFlags));
  if (!own) return base::system_error(errno, runtime_.root);
  return std::shared_ptr<const rootfs::Tree>(
      std::make_shared<rootfs::DirectoryTree>(std::move(own), runtime_.root));
}

}  // namespace meridian::store
