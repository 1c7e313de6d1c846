// SPDX-License-Identifier: Apache-2.0
#include "plugin/target_tree.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace meridian::plugin {

Result<rootfs::Stat> LayeredTargetTree::stat(std::string_view path) {
  MERIDIAN_TRY(const auto parsed, rootfs::RootfsPath::parse(path));
  return tree_.stat(parsed);
}

Result<std::string> LayeredTargetTree::resolve(std::string_view path) {
  MERIDIAN_TRY(const auto found, rootfs::resolve(tree_, path));
  return found.text();
}

Result<std::string> LayeredTargetTree::readlink(std::string_view path) {
  MERIDIAN_TRY(const auto parsed, rootfs::RootfsPath::parse(path));
  return tree_.readlink(parsed);
}

Result<std::vector<std::string>> LayeredTargetTree::list(std::string_view path) {
  MERIDIAN_TRY(const auto found, rootfs::resolve(tree_, path));
  MERIDIAN_TRY(auto entries, tree_.list(found));
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (rootfs::DirEntry& entry : entries) names.push_back(std::move(entry.name));
  return names;
}

Result<std::string> LayeredTargetTree::read(std::string_view path, std::uint64_t limit) {
  MERIDIAN_TRY(const auto found, rootfs::resolve(tree_, path));
  MERIDIAN_TRY(const auto content, tree_.open(found));
  return rootfs::read_content(*content, std::min(limit, limits::kMaxLookup));
}

Result<std::uint32_t> LayeredTargetTree::origin(std::string_view path) {
  MERIDIAN_TRY(const auto parsed, rootfs::RootfsPath::parse(path));
  MERIDIAN_TRY(const auto found, tree_.origin(parsed));
  return static_cast<std::uint32_t>(found.entry.layer);
}

}  // namespace meridian::plugin
