// SPDX-License-Identifier: Apache-2.0
//
// layers.hpp: where containerd has the layers of images and containers: unpacked as snapshots of
// the overlayfs snapshotter, or as blobs of the content store.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/unpacker.hpp"
#include "model/content_check.hpp"
#include "model/layer.hpp"
#include "rootfs/tree.hpp"
#include "rootfs/trusted_access.hpp"
#include "store/containerd/metadata.hpp"
#include "store/containerd/snapshots.hpp"
#include "store/engine_files.hpp"
#include "store/oci_layout/descriptor.hpp"
#include "store/witness.hpp"

namespace meridian::store::containerd {

/// The only one whose folders are layers.
inline constexpr std::string_view kOverlayfs = "overlayfs";
/// Each of its folders is a whole root file system, copied.
inline constexpr std::string_view kNative = "native";

/// Where a blob is, whether it is there or not; `root` is containerd's.
model::HostPath blob_path(const model::HostPath& root, const model::Digest& digest);

class Layers {
 public:
  /// `files` are those of containerd's root; borrows both.
  Layers(EngineFiles& files, const Metadata& metadata, rootfs::TrustedAccess access);

  /// Bottom first, one for each diffID: its snapshot, else its blob, else one that is missing and a
  /// problem of `object`. The blob first where trusted attributes, so a snapshot's markers, cannot
  /// be read. `blobs` are the manifest's.
  std::vector<model::Layer> of_image(const std::vector<model::DiffId>& diff_ids,
                                     const std::vector<Descriptor>& blobs,
                                     const std::string& object);

  /// A snapshot and those below it, top first, each with its key: as it would be mounted. One whose
  /// folder is not there is missing, with a problem of `object`; empty or cut short, likewise,
  /// where the database has no more. The layers are local; the caller knows what they are. Of
  /// `native` the one alone, which is whole.
  struct Stacked {
    std::string key;
    model::Layer layer;
    bool lowest = false;  // stands on nothing; none does where the stack was cut short
  };
  std::vector<Stacked> stack(const std::string& snapshotter, const std::string& key,
                             const std::string& object);

 private:
  struct Found {
    model::Layer layer;
    std::string parent;
    model::HostPath folder;
    Result<void> readable;
  };
  struct Snapshotter {
    model::HostPath folder;
    std::optional<Result<Snapshots>> snapshots = std::nullopt;
  };
  const Snapshots* snapshots(Snapshotter& snapshotter);
  // Each sets `file` to the one that its error is about.
  Result<Found> find(std::string_view snapshotter, const std::string& name, model::HostPath& file);
  std::optional<Result<model::Layer>> unpacked(const model::ChainId& chain,
                                               std::optional<std::string>& below,
                                               const std::string& object, model::HostPath& file);
  Result<model::Layer> stored(const Descriptor& blob, const model::DiffId& diff_id,
                              model::HostPath& file) const;
  Error why_missing(const model::ChainId& chain, Error why) const;

  EngineFiles& files_;
  const Metadata& metadata_;
  rootfs::TrustedAccess access_;
  Snapshotter overlayfs_, native_;
};

/// Whether a layer that Layers found has all that is below it in it.
bool is_whole_tree(const model::Layer& layer);

/// The tree of a layer that Layers found below `root`; a snapshot whose markers cannot be read has
/// a marker_gap.
Result<std::shared_ptr<const rootfs::Tree>> open_layer(const rootfs::HostRoot& host,
                                                       archive::Unpacker& unpacker,
                                                       const model::HostPath& root,
                                                       const model::Layer& layer,
                                                       rootfs::TrustedAccess access);

/// As Store::check_content(): a snapshot against its blob, which containerd need not have kept, or
/// the blob alone.
model::ContentCheck check_content(const rootfs::HostRoot& host, archive::Unpacker& unpacker,
                                  const model::HostPath& root, const model::Layer& layer,
                                  rootfs::TrustedAccess access);

/// As Store::witness(), of the same layers: the snapshot's folders, or the blob.
Result<Witness> witness(const rootfs::HostRoot& host, const model::HostPath& root,
                        const model::Layer& layer, rootfs::TrustedAccess access);

/// Says what of a database could not be read, as problems of the store.
void report_damages(EngineFiles& files, const std::vector<bbolt::Damage>& damages,
                    const model::HostPath& file);

}  // namespace meridian::store::containerd
