// SPDX-License-Identifier: Apache-2.0
//
// docker_store.hpp: a data root of dockerd with the overlay2 graph driver.
//
// What other drivers and a containerd image store hold there is said to be unread, never ignored.
#pragma once

#include <memory>
#include <string>

#include "store/docker/engine_files.hpp"
#include "store/store.hpp"

namespace meridian::store {

class DockerStore final : public Store {
 public:
  /// `root` is a data root (check_data_root); `host` outlives this.
  DockerStore(const rootfs::HostRoot& host, model::HostPath root, std::string found_by);

  const model::Runtime& runtime() const override { return runtime_; }
  void read(std::size_t index, model::Inventory& out) override;
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const override;

 private:
  void report_unread(EngineFiles& files) const;

  const rootfs::HostRoot& host_;
  model::HostPath root_;
  model::Runtime runtime_;
};

}  // namespace meridian::store
