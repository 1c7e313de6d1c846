// SPDX-License-Identifier: Apache-2.0
#include "store/docker/docker_store.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/system_error.hpp"
#include "rootfs/directory_tree.hpp"
#include "store/docker/container_specs.hpp"
#include "store/docker/containers.hpp"
#include "store/docker/engine_facts.hpp"
#include "store/docker/graph_driver_stacks.hpp"
#include "store/docker/images.hpp"
#include "store/docker/records.hpp"
#include "store/docker/tar_split.hpp"
#include "store/docker/vfs_layer.hpp"
#include "store/layer_check.hpp"

namespace meridian::store {
namespace {

using model::HostPath;

}  // namespace

DockerStore::DockerStore(const rootfs::HostRoot& host, archive::Unpacker& unpacker, DataRoot root,
                         std::string_view driver, DriverShare share, rootfs::TrustedAccess access)
    : host_(host),
      unpacker_(unpacker),
      root_(std::move(root.path)),
      daemon_(std::move(root.daemon)),
      driver_(graph_driver(driver)),
      share_(std::move(share)),
      access_(access),
      processes_(host) {
  runtime_ = {"docker", root_.text(), driver_.name, std::move(root.found_by),
              std::move(root.version)};
}

void DockerStore::report_unread(EngineFiles& files) const {
  const HostPath database = driver_.database(root_);
  // A driver that the daemon once started with leaves an empty database.
  if (files.list(database / "imagedb/content/sha256").empty()) return;
  files.problem(Error(ErrorCode::kUnsupported,
                      "images of the storage driver '" + base::escape(driver_.name) + "' of " +
                          base::escape(root_.text()) + " are not read yet"),
                database, {});
}

void DockerStore::read(std::size_t index, model::Inventory& out) {
  EngineFiles files(host_, root_, index, out.problems);
  LayerDb layers(files, driver_);
  std::vector<model::Image> images;
  if (driver_.known) {
    read_images(files, layers, images);
  } else {
    report_unread(files);
  }
  GraphDriverStacks stacks(files, layers, images, share_);
  auto containers = read_containers(files, stacks);
  tar_splits_ = layers.tar_splits();
  add_specs(
      files, daemon_, [this](const model::Layer& layer) { return open_layer(layer); }, containers);
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
  const HostPath path = driver_.layer_tree(root_, layer.id);
  MERIDIAN_TRY(base::UniqueFd directory, host_.open_directory(path));
  std::shared_ptr<const rootfs::Tree> tree =
      std::make_shared<rootfs::DirectoryTree>(std::move(directory), path.text());
  if (driver_.whole_trees) {
    if (layer.kind != model::LayerKind::kImage) return tree;
    MERIDIAN_TRY(auto record, record_of(layer));
    return vfs_layer(unpacker_, std::move(record), std::move(tree), path.text());
  }
  if (access_ == rootfs::TrustedAccess::kReadable) return tree;
  return with_recorded_markers(layer, std::move(tree));
}

/// The engine makes and removes a mount point in the layer's own folder, so of that and of the data
/// root only which ones they are; of what the layer changes, and of the record of its tar, all.
Result<Witness> DockerStore::witness(const model::Layer& layer) const {
  if (layer.missing || layer.kind != model::LayerKind::kImage || !is_driver_id(layer.id)) {
    return Error(ErrorCode::kUnsupported, "no image layer of Docker");
  }
  Witness witness;
  for (const HostPath& path : {root_, root_ / driver_.folder / layer.id}) {
    MERIDIAN_TRY(const base::UniqueFd found, host_.find(path));
    MERIDIAN_CHECK(witness.add_identity(found.get(), path.text()));
  }
  const HostPath tree = driver_.layer_tree(root_, layer.id);
  MERIDIAN_TRY(const base::UniqueFd changes, host_.find(tree));
  MERIDIAN_CHECK(witness.add(changes.get(), tree.text()));
  if (const auto path = tar_splits_.find(layer.id); path != tar_splits_.end()) {
    const auto record = host_.find(path->second);
    if (record) {
      MERIDIAN_CHECK(witness.add(record->get(), path->second.text()));
    } else {
      witness.add("no record: " + record.error().message());
    }
  }
  witness.add(driver_.name);
  witness.add(access_ == rootfs::TrustedAccess::kReadable ? "attributes" : "records");
  return witness;
}

model::ContentCheck DockerStore::check_content(const model::Layer& layer) const {
  if (layer.missing || layer.kind != model::LayerKind::kImage || !layer.diff_id) return {};
  const auto look = [&]() -> Result<model::ContentCheck> {
    if (!is_driver_id(layer.id)) return Error(ErrorCode::kInvalid, "it is no layer of Docker");
    MERIDIAN_TRY(auto record, record_of(layer));
    const HostPath path = driver_.layer_tree(root_, layer.id);
    MERIDIAN_TRY(base::UniqueFd directory, host_.open_directory(path));
    const rootfs::DirectoryTree tree(std::move(directory), path.text());
    const HostPath& name = tar_splits_.at(layer.id);
    LayerOnDisk disk{&tree, driver_.whole_trees, has_owners(),
                     access_ == rootfs::TrustedAccess::kReadable &&
                         driver_.dialect == model::MarkerDialect::kKernelTrusted};
    auto check = check_split_layer(unpacker_, std::move(record), name.text(), disk, *layer.diff_id);
    // The engine may have removed it meanwhile.
    if (check.state == model::ContentState::kChanged && !host_.exists(name)) {
      return Error(ErrorCode::kNotFound, "it was removed while it was read");
    }
    return check;
  };
  auto check = look();
  return check ? *std::move(check) : unknown_content(check.error());
}

/// Not where the daemon gives its containers a user namespace, or runs in one.
bool DockerStore::has_owners() const {
  struct stat st {};
  const auto place = host_.find(root_);
  return place && ::fstat(place->get(), &st) == 0 && st.st_uid == 0 &&
         remap_name(root_.text()).empty();
}

Result<archive::BlobRange> DockerStore::record_of(const model::Layer& layer) const {
  const auto path = tar_splits_.find(layer.id);
  if (path == tar_splits_.end()) return Error(ErrorCode::kNotFound, "it is in no layerdb");
  return split_record(host_, path->second);
}

std::shared_ptr<const rootfs::Tree> DockerStore::with_recorded_markers(
    const model::Layer& layer, std::shared_ptr<const rootfs::Tree> tree) const {
  // dockerd makes the init layer of plain files and directories.
  if (layer.kind == model::LayerKind::kInit) return tree;
  auto markers = layer.kind == model::LayerKind::kImage
                     ? recorded_markers(layer)
                     : Result<rootfs::MarkerRecord>(
                           Error(ErrorCode::kPrivilege, "no other record of it is kept"));
  return with_markers(std::move(tree), layer, std::move(markers));
}

Result<rootfs::MarkerRecord> DockerStore::recorded_markers(const model::Layer& layer) const {
  MERIDIAN_TRY(const auto record, record_of(layer));
  return markers_of_split(unpacker_, record, tar_splits_.at(layer.id).text());
}

}  // namespace meridian::store
