// SPDX-License-Identifier: Apache-2.0
//
// vfs_layer.hpp: an image layer of the vfs driver, which keeps no layers but whole file systems:
// names and attributes from the layer's tar-split record, content from the file system above it.
#pragma once

#include <memory>
#include <string>

#include "archive/unpacker.hpp"
#include "rootfs/tree.hpp"

namespace meridian::store {

/// `record`: a kTarSplit; `whole`: the file system with this layer on top. Markers are those of a
/// tar. A file that has another size than its record says is kIntegrity when opened.
std::shared_ptr<const rootfs::Tree> vfs_layer(archive::Unpacker& unpacker,
                                              archive::BlobRange record,
                                              std::shared_ptr<const rootfs::Tree> whole,
                                              std::string name);

}  // namespace meridian::store
