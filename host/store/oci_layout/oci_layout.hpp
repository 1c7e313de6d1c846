// SPDX-License-Identifier: Apache-2.0
//
// oci_layout.hpp: an OCI image layout (image-spec, image-layout.md), a directory or a tar of one:
// index.json leads to manifests, perhaps through more indexes, and those to configs and layers, all
// of them blobs that are named by their digest.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/image_files.hpp"
#include "store/store.hpp"

namespace meridian::store {

/// What is read of a layout.
struct LayoutWish {
  /// A REF (model::matches), a tag (org.opencontainers.image.ref.name) or "@N", the Nth entry of
  /// index.json; empty: every image. The store then holds only that.
  std::string name;
  std::optional<model::Platform> platform;  // of an index with several; empty: this machine's
};

/// `kind`: "oci" or "oci-archive". kNotFound: no such image, or none for the platform, with what
/// there is; kCorrupt: no layout.
Result<std::unique_ptr<Store>> read_oci_layout(std::unique_ptr<const ImageFiles> files,
                                               const std::string& kind, const LayoutWish& wish);

}  // namespace meridian::store
