// SPDX-License-Identifier: Apache-2.0
//
// metadata.hpp: one namespace of containerd's meta.db: which names, blobs and snapshots it has.
//
// Facts: containerd, core/metadata/buckets.go (schema v1), and dumps of real files.
// Threads: const methods from any thread.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/digest.hpp"
#include "store/bbolt/database.hpp"

namespace meridian::store::containerd {

struct ImageRecord {
  std::string name;  // as containerd has it: with registry
  model::Digest target;
  std::string media_type;  // of the target: an index, a manifest
};

/// As the bucket has it; what it does not have is empty.
struct ContainerRecord {
  std::string id;                         // checked: one path component
  std::string image;                      // name
  std::string snapshotter, snapshot_key;  // empty: its root is none of containerd's
  std::string sandbox;                    // id of the pod's, from containerd 2 on
  std::string runtime;                    // "io.containerd.runc.v2"
  std::string options;                    // of the runtime: bytes of an Any
  std::string spec;                       // bytes of an Any
  std::string created;                    // RFC 3339
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> extensions;  // name -> bytes of an Any
};

/// Of a namespace or a container: what is safe as a path component (containerd, pkg/identifiers).
bool is_identifier(std::string_view text);

class Metadata {
 public:
  /// One for each namespace, in the order of their names; otherwise as open().
  static Result<std::vector<Metadata>> open_all(const rootfs::HostRoot& host,
                                                const model::HostPath& root);
  /// `root` is containerd's. kNotFound if there is no meta.db; kUnsupported for another schema.
  static Result<Metadata> open(const rootfs::HostRoot& host, const model::HostPath& root,
                               std::string name_space);
  /// Any bytes.
  static Result<Metadata> parse(std::string file, std::string name_space);
  /// One that holds nothing, in the place of one that cannot be read.
  static Metadata none() { return Metadata(nullptr, {}); }
  static model::HostPath file(const model::HostPath& root);

  const std::string& name_space() const { return name_space_; }
  /// Neither an image nor a snapshot, nor damage that may have cost one.
  bool is_empty() const;
  /// In the order of their ids; an error for one that cannot be read names it.
  std::vector<Result<ContainerRecord>> containers() const;
  /// In the order of their names; an error for one that cannot be read names it.
  std::vector<Result<ImageRecord>> images() const;
  bool has_blob(const model::Digest& digest) const;
  /// What the blob of a layer was when it was unpacked, as containerd recorded it.
  std::optional<model::DiffId> uncompressed(const model::Digest& digest) const;
  /// Sorted. Each is a plugin of containerd: overlayfs, native, ...
  std::vector<std::string> snapshotters() const;
  /// The name that a snapshotter's own database has for `key`: a chainID, a container's id.
  std::optional<std::string> snapshot(std::string_view snapshotter, std::string_view key) const;
  /// Those of the database that this namespace may have lost something by.
  std::vector<bbolt::Damage> damages() const;

 private:
  Metadata(std::shared_ptr<const bbolt::Database> database, std::string name_space);
  std::optional<bbolt::Bucket> find(std::initializer_list<std::string_view> path) const;

  std::shared_ptr<const bbolt::Database> database_;  // shared by the namespaces; may be null
  std::string name_space_;
};

}  // namespace meridian::store::containerd
