// SPDX-License-Identifier: Apache-2.0
//
// snapshots.hpp: a snapshotter's own database: which folder holds which snapshot, and what it
// stands on.
//
// Facts: containerd, core/snapshots/storage/bolt.go. Names there are made by meta.db:
// "<namespace>/<number>/<key>".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "store/bbolt/database.hpp"

namespace meridian::store::containerd {

struct Snapshot {
  std::uint64_t id = 0;    // the folder's name; never used again for another
  std::string parent;      // name; empty: it stands on nothing
  std::uint64_t size = 0;  // bytes, 0: not known (a writable one)
};

class Snapshots {
 public:
  /// `folder` is the snapshotter's. As bbolt::Database::open.
  static Result<Snapshots> open(const rootfs::HostRoot& host, const model::HostPath& folder);
  static Result<Snapshots> parse(std::string file);
  static model::HostPath file(const model::HostPath& folder) { return folder / "metadata.db"; }

  /// kNotFound; kCorrupt if it has no id, or may have had a parent that damage took.
  Result<Snapshot> find(std::string_view name) const;
  const std::vector<bbolt::Damage>& damages() const { return database_.damages(); }

 private:
  explicit Snapshots(bbolt::Database database) : database_(std::move(database)) {}
  bbolt::Database database_;
};

/// The key of a snapshot by its name; the name itself if it is made otherwise.
std::string_view snapshot_key(std::string_view name);

}  // namespace meridian::store::containerd
