// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/storage_store.hpp"

#include <iterator>
#include <utility>

#include "base/escape.hpp"
#include "store/containers_storage/containers.hpp"
#include "store/containers_storage/images.hpp"
#include "store/containers_storage/layers.hpp"

namespace meridian::store::containers_storage {

StorageStore::StorageStore(const rootfs::HostRoot& host, archive::Unpacker& unpacker, Place place,
                           rootfs::TrustedAccess access)
    : host_(host),
      unpacker_(unpacker),
      place_(std::move(place)),
      processes_(host),
      access_(access) {
  runtime_.kind = place_.engine;
  runtime_.root = place_.root.text();
  runtime_.driver = place_.driver;
  runtime_.found_by = place_.found_by;
}

void StorageStore::read(std::size_t index, model::Inventory& out) {
  EngineFiles files(host_, place_.root, index, out.problems);
  if (place_.driver != "overlay" && place_.driver != "vfs") {
    const auto folder = place_.folder(place_.root, "images");
    return files.problem(
        Error(ErrorCode::kUnsupported, "images of the storage driver '" +
                                           base::escape(place_.driver) + "' are not read yet"),
        folder, {});
  }
  Layers layers(files, place_);
  auto images = read_images(files, place_, layers);
  auto containers = read_containers(files, place_, layers, images);
  if (containers.of_crio) runtime_.kind = kCrio;
  std::move(images.begin(), images.end(), std::back_inserter(out.images));
  std::move(containers.all.begin(), containers.all.end(), std::back_inserter(out.containers));
}

Result<std::shared_ptr<const rootfs::Tree>> StorageStore::open_layer(
    const model::Layer& layer) const {
  return containers_storage::open_layer(host_, unpacker_, place_, layer, access_);
}

model::ContentCheck StorageStore::check_content(const model::Layer& layer) const {
  return containers_storage::check_content(host_, unpacker_, place_, layer, access_);
}

Result<Witness> StorageStore::witness(const model::Layer& layer) const {
  return containers_storage::witness(host_, place_, layer, access_);
}

}  // namespace meridian::store::containers_storage
