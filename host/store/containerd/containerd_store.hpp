// SPDX-License-Identifier: Apache-2.0
//
// containerd_store.hpp: one namespace of a containerd: its images, containers and pods.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rootfs/trusted_access.hpp"
#include "store/containerd/config.hpp"
#include "store/containerd/metadata.hpp"
#include "store/procfs/process_reader.hpp"
#include "store/store.hpp"

namespace meridian::store::containerd {

class ContainerdStore final : public Store {
 public:
  struct Place {
    model::HostPath root;
    model::HostPath state;
    std::string found_by;
    std::string version = {};
    std::optional<Config> config = std::nullopt;  // nullopt: not known
  };
  /// `host` and `unpacker` outlive this.
  ContainerdStore(const rootfs::HostRoot& host, archive::Unpacker& unpacker, Place place,
                  Metadata metadata, rootfs::TrustedAccess access = rootfs::trusted_access());

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
  std::optional<Metadata> metadata_;  // until read()
  ProcessReader processes_;
  rootfs::TrustedAccess access_;
};

/// One for each namespace that holds something and is not in `others`, whose reader is another; of
/// a containerd that holds nothing at all one. A name that is none of a namespace is a problem.
/// kNotFound if there is no meta.db.
Result<std::vector<std::unique_ptr<Store>>> open_namespaces(const rootfs::HostRoot& host,
                                                            archive::Unpacker& unpacker,
                                                            const ContainerdStore::Place& place,
                                                            const std::set<std::string>& others,
                                                            std::vector<model::Problem>& problems);

}  // namespace meridian::store::containerd
