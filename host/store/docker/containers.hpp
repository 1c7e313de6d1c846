// SPDX-License-Identifier: Apache-2.0
//
// containers.hpp: the containers of a data root: containers/<id>, over what keeps their files.
#pragma once

#include <string>
#include <vector>

#include "model/inventory.hpp"
#include "store/docker/container_specs.hpp"
#include "store/docker/records.hpp"
#include "store/engine_files.hpp"

namespace meridian::store {

/// Where the files of containers are: a storage driver's folders, or snapshots. The record of a
/// container is null where it cannot be read.
class ContainerStacks {
 public:
  virtual ~ContainerStacks() = default;
  /// Of two stores of one data root one keeps a container.
  virtual bool keeps(const std::string& id, const ContainerRecord* record) = 0;
  /// The image it was made from; null if that is not there.
  virtual const model::Image* image(const ContainerRecord& record) = 0;
  /// Adds the layers, bottom first, and mounted_at; what cannot be had is a problem of the
  /// container. False if nothing is known of it.
  virtual bool add_layers(ReadContainer& one) = 0;
};

/// Every container that `stacks` keeps, in the order of their ids, with its layers; how it runs is
/// for add_specs(). One whose record cannot be read is kept as dead while its layers can be found.
std::vector<ReadContainer> read_containers(EngineFiles& files, ContainerStacks& stacks);

/// Which containers of a data root a store lists: all, or those that it keeps if a store of the
/// other kind is beside it.
enum class ContainerShare { kAll, kOwn, kNone };

/// The same among stores of storage drivers of one data root.
struct DriverShare {
  ContainerShare share = ContainerShare::kAll;
  std::vector<std::string> others;  // drivers that have stores of their own
  bool rest = true;                 // also those of drivers that have no store
};

/// Whether dockerd's storage driver keeps the container, and not a snapshotter.
bool kept_by_graph_driver(const EngineFiles& files, const std::string& id,
                          const ContainerRecord* record);

/// The problem of an image that has lost layers, as one of its container.
void report_lost_layers(EngineFiles& files, const model::Image& image,
                        const model::Container& container);

model::HostPath container_record(const EngineFiles& files, const std::string& id);

}  // namespace meridian::store
