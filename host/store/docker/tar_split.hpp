// SPDX-License-Identifier: Apache-2.0
//
// tar_split.hpp: the overlay markers that dockerd made of a layer, from its tar-split record
// (layerdb/sha256/<chain>/tar-split.json.gz; archive/split_tar.hpp).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "archive/unpacker.hpp"
#include "meridian/result.hpp"
#include "model/layer.hpp"
#include "rootfs/host_root.hpp"
#include "rootfs/recorded_markers.hpp"

namespace meridian::store {

/// Entries with overlay markers that are kept.
inline constexpr std::size_t kMaxRecordedMarkers = 1'000'000;

/// Opaque directories (`.wh..wh..opq`) and trusted.overlay.* attributes, which dockerd stores as
/// the image brings them; not metacopy, which only some versions store and no mount of theirs
/// follows. Whiteouts are devices on disk and need no record. `record`: a kTarSplit; `name` stands
/// for it in errors.
Result<rootfs::MarkerRecord> markers_of_split(archive::Unpacker& unpacker,
                                              const archive::BlobRange& record,
                                              const std::string& name);

/// The record that lies there.
Result<archive::BlobRange> split_record(const rootfs::HostRoot& host, const model::HostPath& path);

/// `tree` with the markers of its layer's record; an error instead of one is why nobody can say
/// what the layer hides.
std::shared_ptr<const rootfs::Tree> with_markers(std::shared_ptr<const rootfs::Tree> tree,
                                                 const model::Layer& layer,
                                                 Result<rootfs::MarkerRecord> markers);

}  // namespace meridian::store
