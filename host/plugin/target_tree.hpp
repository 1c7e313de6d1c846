// SPDX-License-Identifier: Apache-2.0
//
// target_tree.hpp: what a plugin may ask of a target's merged tree (abi/target.h, meridian_tree):
// texts in, values out, so that the tree may stand in another process.
//
// Paths are as the plugin wrote them: foreign bytes. Threads: of one unit at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rootfs/layered_tree.hpp"

namespace meridian::plugin {

class TargetTree {
 public:
  virtual ~TargetTree() = default;

  /// kNotFound, or kInvalid for a text that is no path; so for all.
  virtual Result<rootfs::Stat> stat(std::string_view path) = 0;
  /// Every symbolic link followed.
  virtual Result<std::string> resolve(std::string_view path) = 0;
  virtual Result<std::string> readlink(std::string_view path) = 0;
  /// Names in a directory, sorted by bytes; links on the way are followed, so too by read().
  virtual Result<std::vector<std::string>> list(std::string_view path) = 0;
  /// kLimit past `limit` or limits::kMaxLookup bytes.
  virtual Result<std::string> read(std::string_view path, std::uint64_t limit) = 0;
  /// Index of the layer that the path shows from.
  virtual Result<std::uint32_t> origin(std::string_view path) = 0;
};

/// Over open layers.
class LayeredTargetTree final : public TargetTree {
 public:
  /// `tree` is borrowed.
  explicit LayeredTargetTree(const rootfs::LayeredTree& tree) : tree_(tree) {}

  Result<rootfs::Stat> stat(std::string_view path) override;
  Result<std::string> resolve(std::string_view path) override;
  Result<std::string> readlink(std::string_view path) override;
  Result<std::vector<std::string>> list(std::string_view path) override;
  Result<std::string> read(std::string_view path, std::uint64_t limit) override;
  Result<std::uint32_t> origin(std::string_view path) override;

 private:
  const rootfs::LayeredTree& tree_;
};

}  // namespace meridian::plugin
