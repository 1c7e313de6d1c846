// SPDX-License-Identifier: Apache-2.0
//
// containerd_image_store.hpp: a data root of dockerd whose images are containerd's: namespace
// `moby` of the containerd that dockerd runs, or of the system's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rootfs/trusted_access.hpp"
#include "store/containerd/metadata.hpp"
#include "store/docker/containers.hpp"
#include "store/docker/data_root.hpp"
#include "store/engine_files.hpp"
#include "store/procfs/process_reader.hpp"
#include "store/store.hpp"

namespace meridian::store {

class ContainerdImageStore final : public Store {
 public:
  struct Place {
    DataRoot data_root;
    model::HostPath containerd;  // root of containerd
  };
  /// `metadata` is that of the containerd, or why it cannot be read; `host` and `unpacker` outlive
  /// this.
  ContainerdImageStore(const rootfs::HostRoot& host, archive::Unpacker& unpacker, Place place,
                       Result<containerd::Metadata> metadata, ContainerShare share,
                       rootfs::TrustedAccess access = rootfs::trusted_access());

  const model::Runtime& runtime() const override { return runtime_; }
  model::ProcessList processes(const model::Container& container) const override {
    return processes_.read(container);
  }
  void read(std::size_t index, model::Inventory& out) override;
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const override;
  Result<Witness> witness(const model::Layer& layer) const override;
  model::ContentCheck check_content(const model::Layer& layer) const override;

 private:
  const rootfs::HostRoot& host_;
  archive::Unpacker& unpacker_;
  Place place_;
  model::Runtime runtime_;
  std::optional<Result<containerd::Metadata>> metadata_;  // until read()
  ContainerShare share_;
  ProcessReader processes_;
  rootfs::TrustedAccess access_;
};

}  // namespace meridian::store
