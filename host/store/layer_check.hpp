// SPDX-License-Identifier: Apache-2.0
//
// layer_check.hpp: whether an unpacked layer is still what it was unpacked from, by the two records
// that engines keep: a tar-split record (Docker, containers-storage) or the blob itself
// (containerd).
//
// Everything is read: the layer's files once, its record twice or its blob once.
#pragma once

#include <string>

#include "archive/unpacker.hpp"
#include "model/content_check.hpp"
#include "model/digest.hpp"
#include "store/layer_comparison.hpp"

namespace meridian::store {

/// That it could not be compared.
model::ContentCheck unknown_content(Error why);

/// `record`: the tar-split file, as it lies there; `name` stands for it in errors. The tar that it
/// and the files on disk make must be `diff_id`, and each entry what is on disk.
model::ContentCheck check_split_layer(archive::Unpacker& unpacker, archive::BlobRange record,
                                      const std::string& name, const LayerOnDisk& disk,
                                      const model::DiffId& diff_id);

/// `blob` must have the digest `stored` and decode to `diff_id`, and each of its entries be on
/// disk, with its content; without a tree (`disk.tree` null) only the first two.
model::ContentCheck check_blob_layer(archive::Unpacker& unpacker, const archive::BlobRange& blob,
                                     const std::string& name, const LayerOnDisk& disk,
                                     const model::Digest& stored, const model::DiffId& diff_id);

}  // namespace meridian::store
