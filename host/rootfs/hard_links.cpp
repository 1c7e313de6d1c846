// SPDX-License-Identifier: Apache-2.0
#include "rootfs/hard_links.hpp"

#include "base/limits.hpp"

namespace meridian::rootfs {
namespace {

/// What a name costs besides its bytes: its string, and a share of its file's node.
constexpr std::uint64_t kNameOverhead = 160;

std::uint64_t cost_of(const LinkedFile& file) {
  std::uint64_t bytes = 0;
  for (const RootfsPath& name : file.names) bytes += kNameOverhead + name.text().size();
  return bytes;
}

}  // namespace

std::optional<LinkedFile> HardLinks::add(const RootfsPath& path, const FileStat& found) {
  const auto place = files_.try_emplace({found.device, found.inode}).first;
  LinkedFile& file = place->second;
  file.stat = found;
  file.names.push_back(path);
  held_ += kNameOverhead + path.text().size();
  if (file.names.size() < found.links && held_ <= limits::kMaxHeldNames) return std::nullopt;
  LinkedFile whole = std::move(file);
  files_.erase(place);
  held_ -= cost_of(whole);
  return whole;
}

std::vector<LinkedFile> HardLinks::take_rest() {
  std::vector<LinkedFile> rest;
  rest.reserve(files_.size());
  for (auto& [inode, file] : files_) rest.push_back(std::move(file));
  files_.clear();
  held_ = 0;
  return rest;
}

}  // namespace meridian::rootfs
