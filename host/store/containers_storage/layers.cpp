// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/layers.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "rootfs/directory_tree.hpp"
#include "store/docker/tar_split.hpp"
#include "store/docker/vfs_layer.hpp"
#include "store/layer_check.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::HostPath;
using model::Layer;
using model::MarkerDialect;

/// A daemon of root mounts with trusted.* attributes, a user's with user.*; fuse-overlayfs says so
/// in a file of its own.
MarkerDialect dialect_of(const rootfs::HostRoot& host, const Place& place) {
  if (place.whole_trees()) return MarkerDialect::kTar;
  const auto fuse = host.read_file(place.root / place.driver / ".has-mount-program", 16);
  if (fuse && *fuse == "true") return MarkerDialect::kFuseOverlayfs;
  struct stat st {};
  const auto root = host.find(place.root);
  const bool is_roots = root && ::fstat(root->get(), &st) == 0 && st.st_uid == 0;
  return is_roots ? MarkerDialect::kKernelTrusted : MarkerDialect::kKernelUser;
}

Layer lost_layer(std::size_t store, const std::string& id) {
  Layer layer;
  layer.id = "missing:" + id;
  layer.store = store;
  layer.missing = true;
  return layer;
}

}  // namespace

Layers::Layers(EngineFiles& files, const Place& place)
    : files_(files), place_(place), dialect_(dialect_of(files.host(), place)) {
  for (const char* const name : {"layers.json", "volatile-layers.json"}) {
    read(place.root, place.root, name);
  }
  read(place.run, place.root, "volatile-layers.json");  // of a transient store
  for (const HostPath& root : place.additional) read(root, root, "layers.json");
}

void Layers::read(const HostPath& of, const HostPath& root, const char* name) {
  const HostPath path = place_.folder(of, "layers") / name;
  auto text = files_.read(path);
  if (!text && text.error().code() == ErrorCode::kNotFound) return;
  auto records = text ? parse_layers(*text) : Result<Records<LayerRecord>>(std::move(text).error());
  if (!records) return files_.problem(std::move(records).error(), path, {});
  for (Error& error : records->bad) files_.problem(std::move(error), path, {});
  for (LayerRecord& record : records->good) {
    if (record.incomplete) continue;  // the engine removes it at its next start
    std::string id = record.id;
    known_.try_emplace(std::move(id), Known{std::move(record), root});
  }
}

Result<void> Layers::check(const Known& known) const {
  const std::string& id = known.record.id;
  MERIDIAN_CHECK(files_.check_directory(place_.tree(known.root, id)));
  if (place_.whole_trees()) return {};
  for (const char* const more : {"composefs-data", "diff1"}) {
    if (files_.host().exists(known.root / place_.driver / id / more)) {
      return Error(ErrorCode::kUnsupported,
                   std::string("has '") + more + "': its files are not in one folder");
    }
  }
  return {};
}

Layer Layers::image_layer(const Known& known, const std::string& object) {
  const LayerRecord& record = known.record;
  if (auto there = check(known); !there) {
    files_.problem(std::move(there).error(), place_.tree(known.root, record.id), object);
    return lost_layer(files_.store(), record.id);
  }
  Layer layer;
  layer.id = record.id;
  layer.store = files_.store();
  layer.dialect = dialect_;
  layer.size = record.size;
  if (record.diff_digest.empty()) {
    if (!record.toc_digest.empty()) {
      files_.problem(Error(ErrorCode::kUnsupported,
                           "layer " + record.id +
                               " was pulled by its table of contents: its diffID is not recorded, "
                               "so that nothing else is known to be the same layer"),
                     place_.folder(known.root, "layers") / "layers.json", object);
    }
    return layer;
  }
  auto digest = model::DiffId::parse(record.diff_digest);
  if (digest) {
    layer.diff_id = *std::move(digest);
    layer.identity = model::LayerIdentity::kRecorded;
  } else {
    files_.problem(std::move(digest).error(), place_.folder(known.root, "layers") / "layers.json",
                   object);
  }
  return layer;
}

std::vector<Layer> Layers::stack(const std::string& top, const std::string& object) {
  std::vector<Layer> layers;
  std::set<std::string, std::less<>> seen;
  for (std::string id = top; !id.empty();) {
    const auto known = known_.find(id);
    const HostPath list = place_.folder(place_.root, "layers") / "layers.json";
    if (known == known_.end()) {
      files_.problem(Error(ErrorCode::kNotFound, "layer " + id + " is in no list"), list, object);
      layers.push_back(lost_layer(files_.store(), id));
      break;
    }
    if (!seen.insert(id).second || layers.size() == limits::kMaxLayers) {
      files_.problem(Error(ErrorCode::kLimit, "layers that stand on themselves, or more than " +
                                                  std::to_string(limits::kMaxLayers)),
                     list, object);
      break;
    }
    layers.push_back(image_layer(known->second, object));
    id = known->second.record.parent;
  }
  std::reverse(layers.begin(), layers.end());
  return layers;
}

std::optional<Layer> Layers::own(const std::string& id, const std::string& container) {
  const auto known = known_.find(id);
  const HostPath list = place_.folder(place_.root, "layers") / "layers.json";
  auto there = known == known_.end()
                   ? Result<void>(Error(ErrorCode::kNotFound, "layer " + id + " is in no list"))
                   : check(known->second);
  if (!there) {
    files_.problem(std::move(there).error(), list, container);
    return std::nullopt;
  }
  Layer layer;
  layer.id = id;
  layer.store = files_.store();
  layer.kind = model::LayerKind::kWritable;
  layer.dialect = place_.whole_trees() ? MarkerDialect::kNone : dialect_;
  return layer;
}

std::string Layers::parent(const std::string& id) const {
  const auto known = known_.find(id);
  return known == known_.end() ? std::string() : known->second.record.parent;
}

Result<HostPath> root_of(const rootfs::HostRoot& host, const Place& place,
                         const std::string& layer) {
  if (!is_id(layer)) {
    return Error(ErrorCode::kInvalid, "'" + base::escape(layer) + "' is no id of a layer");
  }
  if (host.exists(place.tree(place.root, layer))) return place.root;
  for (const HostPath& root : place.additional) {
    if (host.exists(place.tree(root, layer))) return root;
  }
  return Error(ErrorCode::kNotFound, place.tree(place.root, layer).text() + ": is not there");
}

Result<std::shared_ptr<const rootfs::Tree>> open_layer(const rootfs::HostRoot& host,
                                                       archive::Unpacker& unpacker,
                                                       const Place& place, const Layer& layer,
                                                       rootfs::TrustedAccess access) {
  if (layer.missing) return Error(ErrorCode::kNotFound, "it is not in the store");
  MERIDIAN_TRY(const HostPath root, root_of(host, place, layer.id));
  const HostPath path = place.tree(root, layer.id);
  MERIDIAN_TRY(base::UniqueFd directory, host.open_directory(path));
  std::shared_ptr<const rootfs::Tree> tree =
      std::make_shared<rootfs::DirectoryTree>(std::move(directory), path.text());
  const bool is_image = layer.kind == model::LayerKind::kImage;
  const HostPath split = place.tar_split(root, layer.id);
  if (place.whole_trees()) {
    if (!is_image) return tree;
    MERIDIAN_TRY(auto record, split_record(host, split));
    return vfs_layer(unpacker, std::move(record), std::move(tree), path.text());
  }
  if (access == rootfs::TrustedAccess::kReadable ||
      layer.dialect != MarkerDialect::kKernelTrusted) {
    return tree;
  }
  const auto recorded = [&]() -> Result<rootfs::MarkerRecord> {
    if (!is_image) return Error(ErrorCode::kPrivilege, "no other record of it is kept");
    MERIDIAN_TRY(const auto record, split_record(host, split));
    return markers_of_split(unpacker, record, split.text());
  };
  return with_markers(std::move(tree), layer, recorded());
}

model::ContentCheck check_content(const rootfs::HostRoot& host, archive::Unpacker& unpacker,
                                  const Place& place, const Layer& layer,
                                  rootfs::TrustedAccess access) {
  if (layer.missing || layer.kind != model::LayerKind::kImage || !layer.diff_id) return {};
  const auto look = [&]() -> Result<model::ContentCheck> {
    MERIDIAN_TRY(const HostPath root, root_of(host, place, layer.id));
    const HostPath split = place.tar_split(root, layer.id);
    MERIDIAN_TRY(auto record, split_record(host, split));
    const HostPath path = place.tree(root, layer.id);
    MERIDIAN_TRY(base::UniqueFd directory, host.open_directory(path));
    const rootfs::DirectoryTree tree(std::move(directory), path.text());
    struct stat st {};
    const auto top = host.find(root);
    // A user's files have the ids that his user namespace maps.
    const bool has_owners = top && ::fstat(top->get(), &st) == 0 && st.st_uid == 0;
    const LayerOnDisk disk{&tree, place.whole_trees(), has_owners,
                           access == rootfs::TrustedAccess::kReadable &&
                               layer.dialect == MarkerDialect::kKernelTrusted};
    auto check = check_split_layer(unpacker, std::move(record), split.text(), disk, *layer.diff_id);
    if (check.state == model::ContentState::kChanged && !host.exists(split)) {
      return Error(ErrorCode::kNotFound, "it was removed while it was read");
    }
    return check;
  };
  auto check = look();
  return check ? *std::move(check) : unknown_content(check.error());
}

/// As of Docker's layers: the folder's identity, the state of what it changes, the record.
Result<Witness> witness(const rootfs::HostRoot& host, const Place& place, const Layer& layer,
                        rootfs::TrustedAccess access) {
  if (layer.missing || layer.kind != model::LayerKind::kImage) {
    return Error(ErrorCode::kUnsupported, "no image layer");
  }
  MERIDIAN_TRY(const HostPath root, root_of(host, place, layer.id));
  Witness out;
  MERIDIAN_TRY(const base::UniqueFd top, host.find(root));
  MERIDIAN_CHECK(out.add_identity(top.get(), root.text()));
  const HostPath path = place.tree(root, layer.id);
  MERIDIAN_TRY(const base::UniqueFd tree, host.find(path));
  MERIDIAN_CHECK(out.add(tree.get(), path.text()));
  const HostPath split = place.tar_split(root, layer.id);
  const auto record = host.find(split);
  if (record) {
    MERIDIAN_CHECK(out.add(record->get(), split.text()));
  } else {
    out.add("no record: " + record.error().message());
  }
  out.add(place.driver + std::to_string(static_cast<int>(layer.dialect)));
  out.add(access == rootfs::TrustedAccess::kReadable ? "attributes" : "records");
  return out;
}

}  // namespace meridian::store::containers_storage
