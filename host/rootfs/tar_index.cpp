// SPDX-License-Identifier: Apache-2.0
//
// tar_index.cpp: one ordered map from (directory, name) to node.
#include "rootfs/tar_index.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace meridian::rootfs {
namespace {

/// What a node of the map takes beside its name's text, with the heap's own part.
constexpr std::size_t kNodeBytes = 160;
/// Likewise an attribute.
constexpr std::size_t kAttributeBytes = 96;

Stat implied_directory() {
  Stat stat;
  stat.type = EntryType::kDirectory;
  stat.mode = 0755;
  return stat;
}

std::string_view next_part(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

}  // namespace

TarIndex::TarIndex() { root_.stat = implied_directory(); }

Result<void> TarIndex::add(const RootfsPath& path, const Stat& stat, std::uint32_t entry,
                           Extra extra) {
  const bool is_directory = stat.type == EntryType::kDirectory;
  if (path.is_root() && !is_directory) {
    return Error(ErrorCode::kCorrupt, "the root is not a directory");
  }
  MERIDIAN_TRY(Node * node, place(path, is_directory));
  node->stat = stat;
  node->entry = entry;
  node->extra = kNone;
  if (extra.link.empty() && extra.xattrs.empty()) return {};
  std::size_t bytes = extra.link.size() + sizeof extra;
  for (const auto& [name, value] : extra.xattrs) {
    bytes += name.size() + value.size() + kAttributeBytes;
  }
  MERIDIAN_CHECK(charge_text(bytes));
  node->extra = static_cast<std::uint32_t>(extras_.size());
  extras_.push_back(std::move(extra));
  return {};
}

Result<void> TarIndex::add_link(const RootfsPath& path, const RootfsPath& target) {
  const Node* const found = find(target);
  if (found == nullptr) return Error(ErrorCode::kNotFound, "not in this layer");
  if (found->stat.type == EntryType::kDirectory) {
    return Error(ErrorCode::kInvalid, "a directory");
  }
  if (path == target) return {};
  const Node copy = *found;
  MERIDIAN_TRY(Node * node, place(path, false));
  node->stat = copy.stat;
  node->entry = copy.entry;
  node->extra = copy.extra;
  return {};
}

const TarIndex::Node* TarIndex::find(const RootfsPath& path) const {
  const Node* here = &root_;
  std::string_view rest = path.text();
  while (!rest.empty()) {
    const std::string_view part = next_part(rest);
    const auto it = nodes_.find(std::pair(here->id, part));
    // Children of what was replaced are still there, under an id that nothing has any more.
    if (it == nodes_.end()) return nullptr;
    here = &it->second;
  }
  return here;
}

const TarIndex::Extra& TarIndex::extra(const Node& node) const {
  static const Extra kEmpty;
  return node.extra == kNone ? kEmpty : extras_[node.extra];
}

std::vector<DirEntry> TarIndex::list(const Node& directory) const {
  std::vector<DirEntry> entries;
  for (auto it = nodes_.lower_bound(std::pair(directory.id, std::string_view()));
       it != nodes_.end() && it->first.first == directory.id; ++it) {
    entries.push_back(dir_entry(it->first.second, it->second.stat));
  }
  return entries;
}

/// The node of `path`, made with its parents where there is none; with a new id, so without
/// children, unless it was a directory and stays one.
Result<TarIndex::Node*> TarIndex::place(const RootfsPath& path, bool directory) {
  Node* here = &root_;
  std::size_t depth = 0;
  std::string_view rest = path.text();
  while (!rest.empty()) {
    if (here->stat.type != EntryType::kDirectory) {
      return Error(ErrorCode::kUnsupported, "lies below something that is no directory");
    }
    if (++depth > limits::kMaxDepth) {
      return Error(ErrorCode::kLimit,
                   "more than " + std::to_string(limits::kMaxDepth) + " levels of directories");
    }
    const std::string_view part = next_part(rest);
    const auto it = nodes_.find(std::pair(here->id, part));
    if (it == nodes_.end()) {
      MERIDIAN_TRY(here, make(here->id, part));
      continue;
    }
    here = &it->second;
    const bool stays = directory && here->stat.type == EntryType::kDirectory;
    if (rest.empty() && !stays) here->id = next_id_++;
  }
  return here;
}

Result<TarIndex::Node*> TarIndex::make(std::uint32_t parent, std::string_view name) {
  if (nodes_.size() >= limits::kMaxEntries) return overflow(limits::kMaxEntries, "entries");
  MERIDIAN_CHECK(charge_text(name.size()));
  MERIDIAN_CHECK(charge_node());
  Node& node = nodes_[Key(parent, std::string(name))];
  node.stat = implied_directory();
  node.id = next_id_++;
  return &node;
}

Result<void> TarIndex::charge_text(std::size_t bytes) {
  text_bytes_ += bytes;
  bytes_ += bytes;
  if (text_bytes_ <= limits::kMaxIndexTextBytes) return {};
  return overflow(limits::kMaxIndexTextBytes, "bytes of names, links and attributes");
}

Result<void> TarIndex::charge_node() {
  bytes_ += kNodeBytes;
  if (bytes_ <= limits::kMaxIndexBytes) return {};
  return overflow(limits::kMaxIndexBytes, "bytes of index");
}

Error TarIndex::overflow(std::uint64_t limit, const char* what) {
  full_ = true;
  return Error(ErrorCode::kLimit, "more than " + std::to_string(limit) + " " + what);
}

}  // namespace meridian::rootfs
