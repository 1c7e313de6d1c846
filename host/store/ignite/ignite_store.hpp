// SPDX-License-Identifier: Apache-2.0
//
// ignite_store.hpp: the virtual machines of Weave Ignite with their images and kernels. Listed,
// with their boundary; their file systems are ext4 images and thin devices, which are not read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace meridian::store::ignite {

/// Where Ignite keeps everything; no option of it names another place.
inline constexpr const char* kRoot = "/var/lib/firecracker";

class IgniteStore final : public Store {
 public:
  /// kNotFound: no folder of machines or images is there; kUnreadable. `host` outlives it.
  static Result<std::unique_ptr<Store>> open(const rootfs::HostRoot& host, model::HostPath root,
                                             std::string found_by);

  const model::Runtime& runtime() const override { return runtime_; }
  void read(std::size_t index, model::Inventory& out) override;
  /// kUnsupported: what stands there is no tree of files.
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const override;

 private:
  IgniteStore(const rootfs::HostRoot& host, model::HostPath root, std::string found_by);

  const rootfs::HostRoot& host_;
  model::HostPath root_;
  model::Runtime runtime_;
};

}  // namespace meridian::store::ignite
