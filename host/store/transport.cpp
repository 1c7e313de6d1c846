// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_files.hpp"
#include "store/archive/docker_archive.hpp"
#include "store/directory/directory_store.hpp"
#include "store/oci_layout/directory_files.hpp"
#include "store/oci_layout/oci_layout.hpp"
#include "store/store.hpp"

namespace meridian::store {

Result<std::unique_ptr<Store>> open_transport(archive::Unpacker& unpacker,
                                              const model::Reference& reference,
                                              const std::optional<model::Platform>& platform) {
  if (reference.transport == "docker-archive") {
    return open_docker_archive(unpacker, reference.path, reference.name);
  }
  if (reference.transport == "oci") {
    MERIDIAN_TRY(auto files, DirectoryFiles::open(unpacker, reference.path));
    return read_oci_layout(std::move(files), reference.transport, {reference.name, platform});
  }
  if (reference.transport == "oci-archive") {
    MERIDIAN_TRY(auto files, ArchiveFiles::open(unpacker, reference.path));
    return read_oci_layout(std::move(files), reference.transport, {reference.name, platform});
  }
  if (reference.transport == "dir") return DirectoryStore::open(reference.path);
  return Error(ErrorCode::kUnsupported,
               "transport '" + reference.transport +
                   "' is not built yet; docker-archive, oci, oci-archive and dir are");
}

}  // namespace meridian::store
