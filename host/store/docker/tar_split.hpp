// SPDX-License-Identifier: Apache-2.0
//
// tar_split.hpp: layerdb/sha256/<chain>/tar-split.json.gz: a layer's tar without the bytes of its
// files (github.com/vbatts/tar-split), and the overlay markers that dockerd made of it.
//
// Lines of JSON: {"type":2,"payload":BASE64} are bytes of the tar as they are (headers, padding),
// {"type":1,"name":...,"size":N} stands for N bytes of a file.
#pragma once

#include <cstddef>
#include <memory>

#include "archive/byte_source.hpp"
#include "meridian/result.hpp"
#include "rootfs/recorded_markers.hpp"

namespace meridian::store {

/// One line: the headers of one entry, or the padding behind the last, in base64; and entries with
/// overlay markers that are kept.
inline constexpr std::size_t kMaxTarSplitLine = 16 << 20;
inline constexpr std::size_t kMaxRecordedMarkers = 1'000'000;

/// The tar, with zeros for the bytes of files. `record` gives the file as it lies there (gzip) and
/// is taken. kCorrupt; kLimit past limits::kMaxLayerBytes or kMaxTarSplitLine.
std::unique_ptr<archive::ByteSource> tar_of_split(std::unique_ptr<archive::ByteSource> record);

/// Opaque directories (`.wh..wh..opq`) and trusted.overlay.* attributes, which dockerd stores as
/// the image brings them; not metacopy, which only some versions store and no mount of theirs
/// follows. Whiteouts are devices on disk and need no record.
Result<rootfs::MarkerRecord> markers_of_split(std::unique_ptr<archive::ByteSource> record);

}  // namespace meridian::store
