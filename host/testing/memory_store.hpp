// SPDX-License-Identifier: Apache-2.0
//
// memory_store.hpp: one image, and perhaps a container of it and their host, made from testing.h
// records.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "meridian/testing/testing.h"
#include "rootfs/memory_tree.hpp"
#include "store/store.hpp"

namespace meridian::testing {

class MemoryStore final : public store::Store {
 public:
  /// kInvalid for an entry whose path is none; kCorrupt for a config or spec that is none.
  static Result<std::unique_ptr<MemoryStore>> create(const meridian_testing_image& image);

  const model::Runtime& runtime() const override { return runtime_; }
  void read(std::size_t index, model::Inventory& out) override;
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const override;
  model::ProcessList processes(const model::Container&) const override { return processes_; }
  model::ContentCheck check_content(const model::Layer& layer) const override;

  /// The trees of all layers, for asking what was opened. They outlive the store.
  const std::vector<std::shared_ptr<rootfs::MemoryTree>>& trees() const { return trees_; }

 private:
  explicit MemoryStore(const meridian_testing_image& image);
  Result<void> add_layer(const meridian_testing_layer& layer);
  Result<void> add_config(const meridian_testing_image& image);
  Result<void> add_spec(const meridian_testing_image& image);

  model::Runtime runtime_{"memory", "memory", "", "testing"};
  model::Image image_;
  model::Container container_;
  std::optional<model::Host> host_;
  std::vector<std::string> container_env_;
  bool has_container_;
  model::ProcessList processes_;
  std::vector<model::ContentCheck> contents_;  // of the first layers
  std::size_t image_layers_;
  std::vector<std::shared_ptr<rootfs::MemoryTree>> trees_;
};

}  // namespace meridian::testing
