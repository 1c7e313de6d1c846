// SPDX-License-Identifier: Apache-2.0
//
// docker_store.hpp: what one storage driver keeps in a data root of dockerd.
//
// What a driver that is not read holds is said to be unread, never ignored; images of a containerd
// image store are ContainerdImageStore's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "archive/unpacker.hpp"
#include "rootfs/recorded_markers.hpp"
#include "rootfs/trusted_access.hpp"
#include "store/docker/containers.hpp"
#include "store/docker/data_root.hpp"
#include "store/docker/graph_driver.hpp"
#include "store/engine_files.hpp"
#include "store/procfs/process_reader.hpp"
#include "store/store.hpp"

namespace meridian::store {

class DockerStore final : public Store {
 public:
  /// `root` is a data root (check_data_root); `host` and `unpacker` outlive this. Where trusted
  /// attributes are hidden, image layers get their markers from tar-split records, and other layers
  /// a marker_gap.
  DockerStore(const rootfs::HostRoot& host, archive::Unpacker& unpacker, DataRoot root,
              std::string_view driver = "overlay2", DriverShare share = {},
              rootfs::TrustedAccess access = rootfs::trusted_access());

  const model::Runtime& runtime() const override { return runtime_; }
  void read(std::size_t index, model::Inventory& out) override;
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const override;
  Result<Witness> witness(const model::Layer& layer) const override;
  model::ContentCheck check_content(const model::Layer& layer) const override;
  model::ProcessList processes(const model::Container& container) const override {
    return processes_.read(container);
  }

 private:
  void report_unread(EngineFiles& files) const;
  bool has_owners() const;
  /// The layer's tar-split.json.gz.
  Result<archive::BlobRange> record_of(const model::Layer& layer) const;
  /// The tree of a layer whose attributes cannot be read.
  std::shared_ptr<const rootfs::Tree> with_recorded_markers(
      const model::Layer& layer, std::shared_ptr<const rootfs::Tree> tree) const;
  Result<rootfs::MarkerRecord> recorded_markers(const model::Layer& layer) const;

  const rootfs::HostRoot& host_;
  archive::Unpacker& unpacker_;
  model::HostPath root_;
  DaemonSettings daemon_;
  model::Runtime runtime_;
  GraphDriver driver_;
  DriverShare share_;
  rootfs::TrustedAccess access_;
  ProcessReader processes_;
  std::map<std::string, model::HostPath> tar_splits_;  // by folder of the layer
};

}  // namespace meridian::store
