// SPDX-License-Identifier: Apache-2.0
//
// store.hpp: one place that holds images: an engine's data root, an archive, a plain directory.
//
// A reader turns one on-disk format into model values and opens layers as trees. Bad input costs
// the object that it belongs to a Problem naming the file; the rest goes on.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/unpacker.hpp"
#include "meridian/result.hpp"
#include "model/content_check.hpp"
#include "model/inventory.hpp"
#include "model/process.hpp"
#include "model/reference.hpp"
#include "rootfs/host_root.hpp"
#include "rootfs/tree.hpp"
#include "store/witness.hpp"

namespace meridian::store {

class Store {
 public:
  virtual ~Store() = default;
  virtual const model::Runtime& runtime() const = 0;
  /// Appends what it holds to `out`, as store number `index`. Called once.     [control]
  virtual void read(std::size_t index, model::Inventory& out) = 0;
  /// The tree of one of its layers, as read() named it. From any thread.
  virtual Result<std::shared_ptr<const rootfs::Tree>> open_layer(
      const model::Layer& layer) const = 0;
  /// Of what open_layer() would read. kUnsupported where a change would not be seen: what was found
  /// in such a layer is found anew each time. From any thread.
  virtual Result<Witness> witness(const model::Layer& layer) const;
  /// Whether one of its layers is still what was unpacked: all of it is read. kNothing where no
  /// record of it is kept beside it, or where open_layer() reads what is hashed. From any thread.
  virtual model::ContentCheck check_content(const model::Layer& layer) const;
  /// What runs in one of its containers now; none where nothing runs. From any thread.
  virtual model::ProcessList processes(const model::Container& container) const;
};

/// `--store KIND=ROOT[,STATE]`; ROOT is a path of the scanned machine.
struct StoreSpec {
  std::string kind;
  std::string root;
  std::string state;
  static Result<StoreSpec> parse(std::string_view text);
};

struct Discovery {
  std::vector<std::unique_ptr<Store>> stores;
  std::vector<std::string> looked_at;    // places, for "no store found"
  std::vector<model::Problem> problems;  // a store that is there and could not be opened
};

/// Every engine's store below the host root: the given ones first, then, unless `specs_only`, the
/// ones that configuration files and default locations announce. `root` and `unpacker` outlive the
/// stores.
enum class DiscoverMode { kEverything, kSpecsOnly };
Discovery discover(const rootfs::HostRoot& root, archive::Unpacker& unpacker,
                   const std::vector<StoreSpec>& specs, DiscoverMode mode);

/// The store behind `docker-archive:PATH[:REF]`, `oci:PATH[:REF]`, `oci-archive:PATH[:REF]`,
/// `dir:PATH`; it holds only what the reference names. `platform` decides between the images of an
/// index; empty: this machine's. kNotFound if the path or image is not there, kInvalid if the path
/// is something else, kUnsupported for a transport that is not built yet. `unpacker` outlives it.
Result<std::unique_ptr<Store>> open_transport(archive::Unpacker& unpacker,
                                              const model::Reference& reference,
                                              const std::optional<model::Platform>& platform = {});

}  // namespace meridian::store
