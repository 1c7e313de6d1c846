// SPDX-License-Identifier: Apache-2.0
//
// containerd_fixture.hpp: a machine whose Docker keeps its images in containerd, as discovery and a
// Collection read it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/collection.hpp"
#include "store/docker/containerd_image_store.hpp"
#include "support/catch.hpp"
#include "support/containerd_root.hpp"
#include "support/docker_root.hpp"

namespace meridian::store::containerd_test {

using testing_support::ContainerdRoot;
using testing_support::docker_id;
using testing_support::DockerRoot;
using testing_support::TempDir;

inline constexpr const char* kData = "/var/lib/docker";
inline constexpr const char* kPrivate = "/var/lib/docker/containerd/daemon";

/// A data root without a storage driver, with its own containerd.
struct Machine {
  TempDir host;
  ContainerdRoot containerd{host, kPrivate};
  Machine() {
    host.directory(std::string(kData) + "/containers");
    host.file(std::string(kData) + "/engine-id", "x");
  }
  void add_record(const std::string& id, const std::string& image, const std::string& manifest) {
    std::string record = DockerRoot::record(id, image, R"("Running":true)", "overlayfs");
    if (!manifest.empty()) {
      record.insert(1, R"("ImageManifest":{"digest":")" + manifest + R"("},)");
    }
    host.file(record_file(id), record);
    host.file(std::string(kData) + "/containers/" + id + "/hostconfig.json",
              R"({"Runtime":"runc","NetworkMode":"host","Tmpfs":{"/tt":""}})");
  }
  static std::string record_file(const std::string& id) {
    return std::string(kData) + "/containers/" + id + "/config.v2.json";
  }
};

struct Reading {
  std::unique_ptr<rootfs::HostRoot> host;
  std::unique_ptr<Collection> stores;

  const model::Inventory& all() const { return stores->inventory(); }
  std::string problems() const {
    std::string text;
    for (const auto& problem : all().problems) {
      text += problem.path + " (" + problem.object + "): " + problem.error.message() + "\n";
    }
    return text;
  }
  const model::Image& image(const std::string& name) const {
    const auto found =
        std::find_if(all().images.begin(), all().images.end(), [&](const model::Image& image) {
          return std::count(image.names.begin(), image.names.end(), name) != 0;
        });
    INFO(name);
    REQUIRE(found != all().images.end());
    return *found;
  }
  std::string content(const model::Layer& layer) const {
    const auto tree = stores->open_layer(layer);
    if (!tree) return tree.error().message();
    const auto file = (*tree)->open(*rootfs::RootfsPath::parse("from"));
    if (!file) return file.error().message();
    return rootfs::read_content(**file, 1000).value();
  }
  std::string contents(const std::vector<model::Layer>& layers) const {
    std::string text;
    for (const auto& layer : layers) text += content(layer) + " ";
    return text;
  }
};

inline Reading read(const TempDir& host) {
  Reading out;
  out.host = rootfs::HostRoot::open(host.path()).value();
  Discovery found = discover(*out.host, archive::local_unpacker(), {}, DiscoverMode::kEverything);
  out.stores = std::make_unique<Collection>(std::move(found.stores), std::move(found.problems));
  return out;
}

}  // namespace meridian::store::containerd_test
