// SPDX-License-Identifier: Apache-2.0
#include "store/archive/docker_archive.hpp"
#include "store/directory/directory_store.hpp"
#include "store/store.hpp"

namespace meridian::store {

Result<std::unique_ptr<Store>> open_transport(const model::Reference& reference) {
  if (reference.transport == "docker-archive") {
    return DockerArchive::open(reference.path, reference.name);
  }
  if (reference.transport == "dir") return DirectoryStore::open(reference.path);
  return Error(ErrorCode::kUnsupported, "transport '" + reference.transport +
                                            "' is not built yet; docker-archive and dir are");
}

}  // namespace meridian::store
