// SPDX-License-Identifier: Apache-2.0
//
// collection.hpp: several stores as one inventory, one image in two of them as one target.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/task_thread.hpp"
#include "store/store.hpp"

namespace meridian::store {

class Collection {
 public:
  /// Reads every store; `problems` are those of discovery. Images with the same config digest and
  /// platform are merged into the first, which gets the others' names and `present_in`, and their
  /// layers if it lost some of its own. Sorted: images by first name then id, containers by name
  /// then id.
  explicit Collection(std::vector<std::unique_ptr<Store>> stores,
                      std::vector<model::Problem> problems = {});

  const model::Inventory& inventory() const { return inventory_; }
  /// Makes the machine one of the objects; `problems` are of looking at it. Before threads.
  void add_host(model::Host host, std::vector<model::Problem> problems);
  /// From any thread.
  Result<std::shared_ptr<const rootfs::Tree>> open_layer(const model::Layer& layer) const;
  /// From any thread.
  Result<Witness> witness(const model::Layer& layer) const;
  /// Each layer once: who asks while another one looks, waits for that answer. From any thread.
  model::ContentCheck check_content(const model::Layer& layer) const;
  /// From now on processes are looked at on that thread, which outlives the calls. Before threads.
  void look_from(base::TaskThread& thread) { looks_from_ = &thread; }
  /// Of a container of the inventory. From any thread.
  model::ProcessList processes(const model::Container& container) const;

 private:
  void look_at_writes(const model::Container& container);

  struct Checked {
    std::once_flag once;
    model::ContentCheck result;
  };
  std::vector<std::unique_ptr<Store>> stores_;
  model::Inventory inventory_;
  base::TaskThread* looks_from_ = nullptr;
  mutable std::mutex checks_mutex_;  // guards the map, not what its entries hold
  /// By store, id and what it should be.
  mutable std::map<std::tuple<std::size_t, std::string, std::string>, Checked> checks_;
};

}  // namespace meridian::store
