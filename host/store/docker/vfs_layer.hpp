// SPDX-License-Identifier: Apache-2.0
//
// vfs_layer.hpp: an image layer of the vfs driver, which keeps no layers but whole file systems:
// names and attributes from the layer's tar-split record, content from the file system above it.
#pragma once

#include <memory>
#include <string>

#include "archive/byte_source.hpp"
#include "rootfs/tree.hpp"

namespace meridian::store {

/// `record`: tar-split.json.gz as it lies there; `whole`: the file system with this layer on top.
/// Markers are those of a tar. A file that has another size than its record says is kIntegrity when
/// opened. Errors: of the record, as tar_of_split(); kUnreadable without room in the scratch folder
/// (holes, except for the names).
Result<std::shared_ptr<const rootfs::Tree>> vfs_layer(std::unique_ptr<archive::ByteSource> record,
                                                      std::shared_ptr<const rootfs::Tree> whole,
                                                      std::string name);

}  // namespace meridian::store
