// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/layers.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/system_error.hpp"
#include "rootfs/directory_tree.hpp"
#include "rootfs/recorded_markers.hpp"
#include "rootfs/tar_tree.hpp"
#include "store/layer_check.hpp"

namespace meridian::store::containerd {
namespace {

using model::ChainId;
using model::DiffId;
using model::Digest;
using model::HostPath;
using model::Layer;
using model::LayerIdentity;

// Beginnings of a layer's id.
constexpr std::string_view kSnapshotLayer = "overlayfs/";  // and the folder's number
constexpr std::string_view kWholeLayer = "native/";        // and the folder's number
constexpr std::string_view kBlobLayer = "blob/";           // and the digest

HostPath folder_of(const HostPath& root, std::string_view snapshotter) {
  return root / ("io.containerd.snapshotter.v1." + std::string(snapshotter));
}

HostPath snapshot_tree(const HostPath& root, std::string_view snapshotter,
                       std::string_view number) {
  HostPath folder = folder_of(root, snapshotter) / "snapshots" / number;
  return snapshotter == kNative ? folder : folder / "fs";
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

bool is_whole_tree(const Layer& layer) { return starts_with(layer.id, kWholeLayer); }

HostPath blob_path(const HostPath& root, const Digest& digest) {
  const std::string_view text = digest.text();
  return root / "io.containerd.content.v1.content/blobs" / text.substr(0, text.find(':')) /
         digest.hex();
}

void report_damages(EngineFiles& files, const std::vector<bbolt::Damage>& damages,
                    const HostPath& file) {
  for (const bbolt::Damage& damage : damages) {
    files.problem(Error(damage.error).in("bucket '" + damage.bucket + "'"), file, {});
  }
}

Layers::Layers(EngineFiles& files, const Metadata& metadata, rootfs::TrustedAccess access)
    : files_(files),
      metadata_(metadata),
      access_(access),
      overlayfs_{folder_of(files.root(), kOverlayfs)},
      native_{folder_of(files.root(), kNative)} {}

const Snapshots* Layers::snapshots(Snapshotter& snapshotter) {
  auto& snapshots = snapshotter.snapshots;
  if (!snapshots) {
    snapshots = Snapshots::open(files_.host(), snapshotter.folder);
    const HostPath file = Snapshots::file(snapshotter.folder);
    if (*snapshots) {
      report_damages(files_, (*snapshots)->damages(), file);
    } else {
      files_.problem(snapshots->error(), file, {});
    }
  }
  return *snapshots ? &**snapshots : nullptr;
}

Result<Layers::Found> Layers::find(std::string_view name_of_snapshotter, const std::string& name,
                                   HostPath& file) {
  const bool whole = name_of_snapshotter == kNative;
  Snapshotter& snapshotter = whole ? native_ : overlayfs_;
  file = Snapshots::file(snapshotter.folder);
  const Snapshots* const all = snapshots(snapshotter);
  if (all == nullptr) return snapshotter.snapshots->error();
  MERIDIAN_TRY(Snapshot snapshot, all->find(name));
  const std::string number = std::to_string(snapshot.id);
  Found out{{},
            std::move(snapshot.parent),
            snapshot_tree(files_.root(), name_of_snapshotter, number),
            {}};
  out.readable = files_.check_directory(out.folder);
  out.layer.id = std::string(whole ? kWholeLayer : kSnapshotLayer) + number;
  out.layer.store = files_.store();
  out.layer.dialect = whole ? model::MarkerDialect::kNone : model::MarkerDialect::kKernelTrusted;
  out.layer.size = snapshot.size;
  return out;
}

/// nullopt if overlayfs has no such snapshot. `below` is the name of the image's last one, empty
/// under the lowest and none where that was not unpacked.
std::optional<Result<Layer>> Layers::unpacked(const ChainId& chain,
                                              std::optional<std::string>& below,
                                              const std::string& object, HostPath& file) {
  const std::optional<std::string> last = std::exchange(below, std::nullopt);
  auto name = metadata_.snapshot(kOverlayfs, chain.text());
  if (!name) return std::nullopt;
  auto found = find(kOverlayfs, *name, file);
  if (!found) return Result<Layer>(std::move(found).error());
  if (!found->readable) {
    file = std::move(found->folder);
    return Result<Layer>(std::move(found->readable).error());
  }
  if (last && found->parent != *last) {
    files_.problem(
        Error(ErrorCode::kIntegrity, "snapshot '" + base::escape(*name) + "' stands on '" +
                                         base::escape(found->parent) + "', in its image on '" +
                                         base::escape(*last) + "'"),
        Snapshots::file(overlayfs_.folder), object);
  }
  below = std::move(name);
  found->layer.identity = LayerIdentity::kRecorded;
  return Result<Layer>(std::move(found->layer));
}

// Bytes that containerd itself unpacked are the diffID that it recorded; of others the manifest's
// maker says so, which must not hide them behind a layer that has it.
Result<Layer> Layers::stored(const Descriptor& blob, const DiffId& diff_id, HostPath& file) const {
  file = blob_path(files_.root(), blob.digest);
  const auto type = [&blob] { return "'" + base::escape(blob.media_type) + "'"; };
  switch (layer_form(blob.media_type)) {
    case LayerForm::kEncrypted:
      return Error(ErrorCode::kUnsupported, "an encrypted layer, " + type());
    case LayerForm::kUnknown:
      return Error(ErrorCode::kUnsupported, "a layer of media type " + type());
    case LayerForm::kTar:
      break;
  }
  if (!metadata_.has_blob(blob.digest)) {
    return Error(ErrorCode::kNotFound, "neither unpacked nor in the content store");
  }
  MERIDIAN_TRY(const base::UniqueFd place, files_.host().find(file));
  struct stat st {};
  if (::fstat(place.get(), &st) != 0) return base::system_error(errno, file.text());
  Layer layer;
  layer.id = std::string(kBlobLayer) + blob.digest.text();
  layer.store = files_.store();
  const bool recorded = metadata_.uncompressed(blob.digest) == diff_id;
  layer.identity = recorded ? LayerIdentity::kRecorded : LayerIdentity::kLocal;
  layer.dialect = model::MarkerDialect::kTar;
  layer.size = static_cast<std::uint64_t>(st.st_size);
  return layer;
}

/// `why`, or that a snapshotter has it whose folders are no layers.
Error Layers::why_missing(const ChainId& chain, Error why) const {
  for (const std::string& snapshotter : metadata_.snapshotters()) {
    if (snapshotter == kOverlayfs || !metadata_.snapshot(snapshotter, chain.text())) continue;
    return {ErrorCode::kUnsupported, "is kept by the snapshotter '" + base::escape(snapshotter) +
                                         "', which is not read yet"};
  }
  return why;
}

std::vector<Layer> Layers::of_image(const std::vector<DiffId>& diff_ids,
                                    const std::vector<Descriptor>& blobs,
                                    const std::string& object) {
  const auto chains = model::chain_ids(diff_ids);
  const HostPath meta = Metadata::file(files_.root());
  const bool paired = blobs.size() == diff_ids.size();
  if (!paired) {
    files_.problem(Error(ErrorCode::kCorrupt, "its manifest has " + std::to_string(blobs.size()) +
                                                  " layers, its config " +
                                                  std::to_string(diff_ids.size()) + " diffIDs"),
                   meta, object);
  }
  std::vector<Layer> layers;
  std::optional<std::string> below = "";
  for (std::size_t i = 0; i < chains.size(); ++i) {
    HostPath file = meta;
    auto layer = unpacked(chains[i], below, object, file);
    const bool readable = layer && *layer && access_ == rootfs::TrustedAccess::kReadable;
    if (paired && !readable) {
      HostPath blob_file = meta;
      auto blob = stored(blobs[i], diff_ids[i], blob_file);
      if (blob || !layer) {
        layer = std::move(blob);
        file = std::move(blob_file);
      }
    }
    if (!layer) layer = Error(ErrorCode::kNotFound, "is not unpacked");
    if (!*layer) {
      files_.problem(
          why_missing(chains[i], std::move(*layer).error()).in("layer " + chains[i].text()), file,
          object);
      layer = Layer();  // keeps its place, so that the numbers of the others hold
      (*layer)->id = "missing:" + chains[i].text();
      (*layer)->store = files_.store();
      (*layer)->dialect = model::MarkerDialect::kKernelTrusted;
      (*layer)->missing = true;
    }
    (*layer)->diff_id = diff_ids[i];
    if (paired) (*layer)->digest = blobs[i].digest;
    layers.push_back(**std::move(layer));
  }
  return layers;
}

std::vector<Layers::Stacked> Layers::stack(const std::string& snapshotter, const std::string& key,
                                           const std::string& object) {
  std::vector<Stacked> out;
  HostPath file = Metadata::file(files_.root());
  const auto problem = [&](Error error) { files_.problem(std::move(error), file, object); };
  auto name = metadata_.snapshot(snapshotter, key);
  if (!name) {
    problem(Error(ErrorCode::kNotFound, "the snapshotter '" + base::escape(snapshotter) +
                                            "' has no snapshot '" + base::escape(key) + "'"));
    return out;
  }
  if (snapshotter != kOverlayfs && snapshotter != kNative) {
    problem(Error(ErrorCode::kUnsupported, "its files are kept by the snapshotter '" +
                                               base::escape(snapshotter) +
                                               "', which is not read yet"));
    return out;
  }
  while (!name->empty()) {
    if (out.size() == limits::kMaxLayers) {
      problem(Error(ErrorCode::kLimit, "more than " + std::to_string(limits::kMaxLayers) +
                                           " snapshots stand on each other"));
      break;
    }
    auto found = find(snapshotter, *name, file);
    if (!found) {
      problem(std::move(found).error());
      break;
    }
    if (!found->readable) {  // what lies below it can still be looked at
      files_.problem(std::move(found->readable).error(), found->folder, object);
      found->layer.missing = true;
    }
    const bool lowest = found->parent.empty() || snapshotter == kNative;
    out.push_back({std::string(snapshot_key(*name)), std::move(found->layer), lowest});
    if (lowest) break;
    name = std::move(found->parent);
  }
  return out;
}

namespace {

using TreePointer = std::shared_ptr<const rootfs::Tree>;

Result<TreePointer> open_snapshot(const rootfs::HostRoot& host, const HostPath& path,
                                  const Layer& layer, rootfs::TrustedAccess access) {
  MERIDIAN_TRY(base::UniqueFd directory, host.open_directory(path));
  TreePointer tree = std::make_shared<rootfs::DirectoryTree>(std::move(directory), path.text());
  // dockerd makes the init layer of plain files and directories.
  if (access == rootfs::TrustedAccess::kReadable || layer.kind == model::LayerKind::kInit ||
      is_whole_tree(layer)) {
    return tree;
  }
  return TreePointer(std::make_shared<rootfs::RecordedMarkers>(
      std::move(tree), rootfs::MarkerRecord(),
      Error(ErrorCode::kPrivilege,
            std::string(model::to_text(layer.kind)) + " layer " + base::escape(layer.name()) +
                ": which directories it hides or renames cannot be read (trusted.overlay.*), and " +
                "no other record of it is kept")));
}

Result<archive::BlobRange> blob_at(const rootfs::HostRoot& host, const HostPath& path) {
  MERIDIAN_TRY(base::UniqueFd file, host.open_file(path));
  struct stat st {};
  if (::fstat(file.get(), &st) != 0) return base::system_error(errno, path.text());
  return archive::BlobRange{std::make_shared<base::UniqueFd>(std::move(file)), 0,
                            static_cast<std::uint64_t>(st.st_size)};
}

Result<TreePointer> open_blob(const rootfs::HostRoot& host, archive::Unpacker& unpacker,
                              const HostPath& path) {
  MERIDIAN_TRY(archive::BlobRange blob, blob_at(host, path));
  return TreePointer(std::make_shared<rootfs::TarTree>(unpacker, std::move(blob), path.text()));
}

/// Where a layer is: the tree of a snapshot, or a blob.
struct LayerPlace {
  HostPath path;
  bool is_snapshot = false;
};

Result<LayerPlace> place_of(const HostPath& root, const Layer& layer) {
  if (layer.missing) return Error(ErrorCode::kNotFound, "it is not in the store");
  const std::string_view id = layer.id;
  const bool whole = is_whole_tree(layer);
  if (whole || starts_with(id, kSnapshotLayer)) {
    const std::string_view number = id.substr((whole ? kWholeLayer : kSnapshotLayer).size());
    if (!number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos) {
      return LayerPlace{snapshot_tree(root, whole ? kNative : kOverlayfs, number), true};
    }
  }
  if (starts_with(id, kBlobLayer)) {
    MERIDIAN_TRY(const Digest digest, Digest::parse(id.substr(kBlobLayer.size())));
    return LayerPlace{blob_path(root, digest), false};
  }
  return Error(ErrorCode::kInvalid, "'" + base::escape(id) + "' is no layer of containerd");
}

}  // namespace

Result<TreePointer> open_layer(const rootfs::HostRoot& host, archive::Unpacker& unpacker,
                               const HostPath& root, const Layer& layer,
                               rootfs::TrustedAccess access) {
  MERIDIAN_TRY(const LayerPlace place, place_of(root, layer));
  if (place.is_snapshot) return open_snapshot(host, place.path, layer, access);
  return open_blob(host, unpacker, place.path);
}

model::ContentCheck check_content(const rootfs::HostRoot& host, archive::Unpacker& unpacker,
                                  const HostPath& root, const Layer& layer,
                                  rootfs::TrustedAccess access) {
  if (layer.missing || layer.kind != model::LayerKind::kImage || is_whole_tree(layer)) return {};
  const auto look = [&]() -> Result<model::ContentCheck> {
    MERIDIAN_TRY(const LayerPlace place, place_of(root, layer));
    if (!layer.digest || !layer.diff_id) {
      return Error(ErrorCode::kMissingData, "no record says which blob it was unpacked from");
    }
    const HostPath path = blob_path(root, *layer.digest);
    auto blob = blob_at(host, path);
    if (!blob && blob.error().code() == ErrorCode::kNotFound) {
      return Error(ErrorCode::kMissingData,
                   "its blob " + layer.digest->text() +
                       " is not kept, and containerd has no other record of its files");
    }
    if (!blob) return std::move(blob).error();
    TreePointer tree;
    if (place.is_snapshot) {
      MERIDIAN_TRY(tree, open_snapshot(host, place.path, layer, access));
    }
    const LayerOnDisk disk{tree.get(), false, true, access == rootfs::TrustedAccess::kReadable};
    auto check =
        check_blob_layer(unpacker, *blob, path.text(), disk, *layer.digest, *layer.diff_id);
    if (check.state == model::ContentState::kChanged && !host.exists(place.path)) {
      return Error(ErrorCode::kNotFound, "it was removed while it was read");
    }
    return check;
  };
  auto check = look();
  return check ? *std::move(check) : unknown_content(check.error());
}

Result<Witness> witness(const rootfs::HostRoot& host, const HostPath& root, const Layer& layer,
                        rootfs::TrustedAccess access) {
  MERIDIAN_TRY(const LayerPlace place, place_of(root, layer));
  Witness witness;
  MERIDIAN_TRY(const base::UniqueFd store, host.find(root));
  MERIDIAN_CHECK(witness.add_identity(store.get(), root.text()));
  MERIDIAN_TRY(const base::UniqueFd found, host.find(place.path));
  MERIDIAN_CHECK(witness.add(found.get(), place.path.text()));
  witness.add(layer.id);
  if (!place.is_snapshot) witness.set_hashed();
  witness.add(access == rootfs::TrustedAccess::kReadable ? "attributes" : "records");
  return witness;
}

}  // namespace meridian::store::containerd
