// SPDX-License-Identifier: Apache-2.0
//
// storage_store.hpp: one driver of one graph root of containers/storage, as a store.
#pragma once

#include <memory>
#include <vector>

#include "rootfs/trusted_access.hpp"
#include "store/containers_storage/place.hpp"
#include "store/procfs/process_reader.hpp"
#include "store/store.hpp"

namespace meridian::store::containers_storage {

class StorageStore final : public Store {
 public:
  /// `host` and `unpacker` outlive this.
  StorageStore(const rootfs::HostRoot& host, archive::Unpacker& unpacker, Place place,
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
  const rootfs::HostRoot& host_;
  archive::Unpacker& unpacker_;
  Place place_;
  model::Runtime runtime_;
  ProcessReader processes_;
  rootfs::TrustedAccess access_;
};

}  // namespace meridian::store::containers_storage
