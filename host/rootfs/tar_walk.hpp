// SPDX-License-Identifier: Apache-2.0
//
// tar_walk.hpp: one pass over a tar: visits and indexes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/unpacker.hpp"
#include "rootfs/small_contents.hpp"
#include "rootfs/tar_index.hpp"

namespace meridian::rootfs {

struct TarPass {
  TarIndex index;
  std::vector<RootfsPath> hard_links;  // not visited yet, in the index, by what they lead to
  SmallContents opened;                // by the visitor: links may lead there
  std::optional<archive::StreamDigests> digests;  // when the end of the bytes was reached
  std::optional<Error> error;                     // what ended the pass early
  bool stopped = false;                           // by the visitor: the index is not whole
};

/// `visitor` may be null.
TarPass pass_over_tar(archive::Unpacker& unpacker, const archive::BlobRange& blob,
                      const std::string& name, Visitor* visitor);

}  // namespace meridian::rootfs
