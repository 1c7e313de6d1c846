// SPDX-License-Identifier: Apache-2.0
#include "store/docker/docker_store.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "archive/byte_source.hpp"
#include "base/escape.hpp"
#include "base/system_error.hpp"
#include "rootfs/directory_tree.hpp"
#include "store/docker/container_specs.hpp"
#include "store/docker/containers.hpp"
#include "store/docker/images.hpp"
#include "store/docker/overlay2_stacks.hpp"
#include "store/docker/records.hpp"
#include "store/docker/tar_split.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

constexpr const char* kDriver = "overlay2";

std::string driver_of(const rootfs::HostRoot& host, const HostPath& root) {
  const auto drivers = host.list(root / "image");
  if (!drivers || drivers->empty()) return {};
  for (const auto& driver : *drivers) {
    if (driver.name == kDriver) return kDriver;
  }
  return drivers->front().name;
}

}  // namespace

DockerStore::DockerStore(const rootfs::HostRoot& host, DataRoot root, rootfs::TrustedAccess access,
                         ContainerShare share)
    : host_(host),
      root_(std::move(root.path)),
      exec_root_(std::move(root.daemon.exec_root)),
      access_(access),
      share_(share),
      processes_(host) {
  runtime_ = {"docker", root_.text(), driver_of(host_, root_), std::move(root.found_by)};
}

void DockerStore::report_unread(EngineFiles& files) const {
  const std::string where = " of " + base::escape(root_.text()) + " are not read yet";
  const HostPath images = root_ / "image";
  const auto drivers = files.list(images);
  for (const std::string& driver : drivers) {
    // A driver that the daemon once started with leaves an empty database.
    if (driver == kDriver || files.list(images / driver / "imagedb/content/sha256").empty()) {
      continue;
    }
    files.problem(Error(ErrorCode::kUnsupported,
                        "images of the storage driver '" + base::escape(driver) + "'" + where),
                  images / driver, {});
  }
}

void DockerStore::read(std::size_t index, model::Inventory& out) {
  EngineFiles files(host_, root_, index, out.problems);
  LayerDb layers(files);
  report_unread(files);
  std::vector<model::Image> images;
  read_images(files, layers, images);
  Overlay2Stacks stacks(files, layers, images, share_);
  auto containers = read_containers(files, stacks);
  tar_splits_ = layers.tar_splits();
  add_specs(
      files, exec_root_, [this](const model::Layer& layer) { return open_layer(layer); },
      containers);
  for (ReadContainer& one : containers) out.containers.push_back(std::move(one.container));
  out.images.insert(out.images.end(), std::make_move_iterator(images.begin()),
                    std::make_move_iterator(images.end()));
}

Result<std::shared_ptr<const rootfs::Tree>> DockerStore::open_layer(
    const model::Layer& layer) const {
  if (layer.missing) return Error(ErrorCode::kNotFound, "it is not in the store");
  if (!is_driver_id(layer.id)) {
    return Error(ErrorCode::kInvalid, "'" + base::escape(layer.id) + "' is no layer of Docker");
  }
  const HostPath path = layer_tree(root_, layer.id);
  MERIDIAN_TRY(base::UniqueFd directory, host_.open_directory(path));
  std::shared_ptr<const rootfs::Tree> tree =
      std::make_shared<rootfs::DirectoryTree>(std::move(directory), path.text());
  if (access_ == rootfs::TrustedAccess::kReadable) return tree;
  return with_recorded_markers(layer, std::move(tree));
}

std::shared_ptr<const rootfs::Tree> DockerStore::with_recorded_markers(
    const model::Layer& layer, std::shared_ptr<const rootfs::Tree> tree) const {
  // dockerd makes the init layer of plain files and directories.
  if (layer.kind == model::LayerKind::kInit) return tree;
  auto markers = layer.kind == model::LayerKind::kImage
                     ? recorded_markers(layer)
                     : Result<rootfs::MarkerRecord>(
                           Error(ErrorCode::kPrivilege, "no other record of it is kept"));
  if (markers) {
    return std::make_shared<rootfs::RecordedMarkers>(std::move(tree), *std::move(markers),
                                                     std::nullopt);
  }
  return std::make_shared<rootfs::RecordedMarkers>(
      std::move(tree), rootfs::MarkerRecord(),
      Error(ErrorCode::kPrivilege,
            std::string(model::to_text(layer.kind)) + " layer " + base::escape(layer.name()) +
                ": which directories it hides or renames cannot be read (trusted.overlay.*): " +
                markers.error().message()));
}

Result<rootfs::MarkerRecord> DockerStore::recorded_markers(const model::Layer& layer) const {
  const auto path = tar_splits_.find(layer.id);
  if (path == tar_splits_.end()) return Error(ErrorCode::kNotFound, "it is in no layerdb");
  const std::string name = path->second.text();
  auto file = host_.open_file(path->second);
  if (!file) return std::move(file).error().in(base::escape(name));
  struct stat found {};
  if (::fstat(file->get(), &found) != 0) return base::system_error(errno, name);
  auto markers = markers_of_split(
      archive::file_range(file->get(), 0, static_cast<std::uint64_t>(found.st_size), name));
  if (!markers) return std::move(markers).error().in(base::escape(name));
  return markers;
}

}  // namespace meridian::store
