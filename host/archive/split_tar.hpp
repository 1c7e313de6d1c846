// SPDX-License-Identifier: Apache-2.0
//
// split_tar.hpp: a tar-split record (github.com/vbatts/tar-split): a layer's tar without the bytes
// of its files, as Docker and containers-storage keep it.
//
// Lines of JSON: {"type":2,"payload":BASE64} are bytes of the tar as they are (headers, padding),
// {"type":1,"name":...,"size":N} stands for N bytes of a file.
#pragma once

#include <memory>

#include "archive/byte_source.hpp"
#include "archive/split_pieces.hpp"

namespace meridian::archive {

/// The tar, with zeros for the bytes of files. `record` gives the file as it lies there (gzip) and
/// is taken. kCorrupt; kLimit past limits::kMaxLayerBytes or kMaxTarSplitLine.
std::unique_ptr<ByteSource> tar_of_split(std::unique_ptr<ByteSource> record);

}  // namespace meridian::archive
