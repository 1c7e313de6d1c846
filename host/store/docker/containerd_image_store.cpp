// SPDX-License-Identifier: Apache-2.0
#include "store/docker/containerd_image_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "model/reference.hpp"
#include "store/containerd/images.hpp"
#include "store/containerd/layers.hpp"
#include "store/docker/snapshot_stacks.hpp"

namespace meridian::store {
namespace {

/// Stands before the digest of an image whose last name was taken away.
constexpr std::string_view kDangling = "moby-dangling@";

/// Docker's names of one target: as it shows them, and each repository with the target's digest.
std::vector<std::string> docker_names(const std::vector<std::string>& names,
                                      const std::string& digest) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (name.substr(0, kDangling.size()) == kDangling) continue;
    const std::string shown(model::familiar_name(name));
    out.push_back(shown);
    const auto slash = shown.rfind('/');
    const auto end = shown.find_first_of(":@", slash == std::string::npos ? 0 : slash);
    out.push_back(shown.substr(0, end) + "@" + digest);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void name_as_docker(model::Image& image) {
  image.names.clear();
  for (model::Presence& place : image.present_in) {
    place.names = docker_names(place.names, place.id);
    image.names.insert(image.names.end(), place.names.begin(), place.names.end());
  }
  std::sort(image.names.begin(), image.names.end());
  image.names.erase(std::unique(image.names.begin(), image.names.end()), image.names.end());
}

}  // namespace

ContainerdImageStore::ContainerdImageStore(const rootfs::HostRoot& host,
                                           archive::Unpacker& unpacker, Place place,
                                           Result<containerd::Metadata> metadata,
                                           ContainerShare share, rootfs::TrustedAccess access)
    : host_(host),
      unpacker_(unpacker),
      place_(std::move(place)),
      metadata_(std::move(metadata)),
      share_(share),
      processes_(host),
      access_(access) {
  runtime_ = {"docker", place_.data_root.path.text(), std::string(containerd::kOverlayfs),
              place_.data_root.found_by, place_.data_root.version};
}

void ContainerdImageStore::read(std::size_t index, model::Inventory& out) {
  EngineFiles files(host_, place_.data_root.path, index, out.problems);
  EngineFiles containerd_files(host_, place_.containerd, index, out.problems);
  const model::HostPath file = containerd::Metadata::file(place_.containerd);
  if (!*metadata_) containerd_files.problem(metadata_->error(), file, {});
  // An empty database stands for one that cannot be read: the containers are listed all the same.
  const containerd::Metadata metadata =
      *metadata_ ? **std::move(metadata_) : containerd::Metadata::none();
  metadata_.reset();
  containerd::report_damages(containerd_files, metadata.damages(), file);
  containerd::Layers layers(containerd_files, metadata, access_);
  containerd::ImageList list = containerd::read_images(containerd_files, metadata, layers);
  for (model::Image& image : list.images) name_as_docker(image);
  if (share_ != ContainerShare::kNone) {
    SnapshotStacks stacks(files, metadata, layers, list, share_);
    auto containers = read_containers(files, stacks);
    add_specs(
        files, place_.data_root.daemon,
        [this](const model::Layer& layer) { return open_layer(layer); }, containers);
    for (ReadContainer& one : containers) out.containers.push_back(std::move(one.container));
  }
  std::move(list.images.begin(), list.images.end(), std::back_inserter(out.images));
}

Result<std::shared_ptr<const rootfs::Tree>> ContainerdImageStore::open_layer(
    const model::Layer& layer) const {
  return containerd::open_layer(host_, unpacker_, place_.containerd, layer, access_);
}

model::ContentCheck ContainerdImageStore::check_content(const model::Layer& layer) const {
  return containerd::check_content(host_, unpacker_, place_.containerd, layer, access_);
}

Result<Witness> ContainerdImageStore::witness(const model::Layer& layer) const {
  return containerd::witness(host_, place_.containerd, layer, access_);
}

}  // namespace meridian::store
