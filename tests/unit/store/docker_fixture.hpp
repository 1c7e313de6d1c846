// SPDX-License-Identifier: Apache-2.0
//
// docker_fixture.hpp: a data root read as the store reads it, and the problems by file.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "rootfs/host_root.hpp"
#include "store/docker/docker_store.hpp"
#include "support/docker_root.hpp"

namespace meridian::store {

struct DockerReading {
  std::unique_ptr<rootfs::HostRoot> host;
  std::unique_ptr<DockerStore> store;
  model::Inventory inventory;

  const model::Image* image(const std::string& id) const {
    const auto found = std::find_if(inventory.images.begin(), inventory.images.end(),
                                    [&](const model::Image& image) { return image.id == id; });
    return found == inventory.images.end() ? nullptr : &*found;
  }
  /// The problem of a file whose path ends so; nullptr if there is none or more than one.
  const model::Problem* problem(const std::string& end) const {
    const model::Problem* found = nullptr;
    for (const auto& problem : inventory.problems) {
      const auto& path = problem.path;
      if (path.size() < end.size() || path.substr(path.size() - end.size()) != end) continue;
      if (found != nullptr) return nullptr;
      found = &problem;
    }
    return found;
  }
};

inline DockerReading read(const testing_support::DockerRoot& root) {
  DockerReading out;
  out.host = rootfs::HostRoot::open(root.host().path()).value();
  out.store = std::make_unique<DockerStore>(*out.host, archive::local_unpacker(),
                                            DataRoot{*model::HostPath::parse(root.root()), "test"});
  out.inventory.runtimes.push_back(out.store->runtime());
  out.store->read(0, out.inventory);
  return out;
}

}  // namespace meridian::store
