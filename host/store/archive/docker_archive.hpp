// SPDX-License-Identifier: Apache-2.0
//
// docker_archive.hpp: a file of `docker save` (and of podman, skopeo and `ctr export`):
// manifest.json, configs, layers; since Docker 25 it is an OCI layout too.
#pragma once

#include <memory>
#include <string>

#include "store/image_files.hpp"
#include "store/store.hpp"

namespace meridian::store {

/// `wanted`: a REF (model::matches) or "@N", the Nth image; empty: all. The store then holds only
/// that. kNotFound if there is no such image, with what there is; kCorrupt if it is no image
/// archive; kUnsupported for an OCI layout alone and for archives of before Docker 1.10.
Result<std::unique_ptr<Store>> open_docker_archive(archive::Unpacker& unpacker,
                                                   const std::string& path,
                                                   const std::string& wanted);
Result<std::unique_ptr<Store>> read_docker_archive(std::unique_ptr<const ImageFiles> files,
                                                   const std::string& wanted);

}  // namespace meridian::store
