// SPDX-License-Identifier: Apache-2.0
//
// mount_view.hpp: the machine's mounts and our own beside each other, below the host root. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "environment/observed.hpp"

namespace meridian::environment {

/// `path` is `folder` or lies in it.
bool lies_in(std::string_view path, std::string_view folder);

class MountView {
 public:
  explicit MountView(const Observed& seen) : seen_(seen) {}

  /// The last mount exactly there; null: none is.
  const store::MountDetails* at(std::string_view point) const;
  const store::MountDetails* host_root() const { return at(seen_.root); }
  /// Something is mounted in a folder of the host root. Every running machine has some.
  bool has_mounts_below() const;
  /// In a container with such a mount, and gVisor's kernel does not keep the table to itself.
  bool is_judgeable() const;
  /// Below the host root where a path leads to it, and neither mount nor file system is read-only.
  std::vector<const store::MountDetails*> writable_below() const;
  /// Mount points of the machine at, above or (kBelow) in `place` that are not where they should
  /// be below the host root.
  enum class Where { kCovers, kBelow };
  std::vector<std::string> unseen(std::string_view place, Where where) const;

 private:
  bool is_seen(const store::NamespaceMount& mount) const;
  std::string own_point(std::string_view machine_point) const;

  const Observed& seen_;
};

bool is_writable(const store::MountDetails& mount);

}  // namespace meridian::environment
