// SPDX-License-Identifier: Apache-2.0
//
// layered_tree.cpp: overlayfs's merge, one path part at a time; the walk is layered_walk.cpp.
#include "rootfs/layered_tree.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "rootfs/overlay_markers.hpp"

namespace meridian::rootfs {
namespace {

Error at(const RootfsPath& path, ErrorCode code, std::string_view why) {
  return Error(code, "'" + base::escape(path.text()) + "': " + std::string(why));
}

}  // namespace

LayeredTree::LayeredTree(std::vector<StackedLayer> layers) : layers_(std::move(layers)) {}

Result<Merged> LayeredTree::merged_root() const {
  Merged root;
  root.stat.type = EntryType::kDirectory;
  root.stat.mode = 0755;
  const RootfsPath path;
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const StackedLayer& layer = layers_[i];
    if (root.layers.empty()) {
      MERIDIAN_TRY(root.stat, layer.tree->stat(path));
    }
    root.layers.push_back(i);
    // The kernel reads no opaque attribute on a layer's root; the other engines obey their file.
    if (!is_marker_name(layer.dialect, ".wh.")) continue;
    MERIDIAN_TRY(const bool opaque, is_opaque(*layer.tree, layer.dialect, path));
    if (opaque) break;
  }
  return root;
}

/// `path` in the merged `directory` that holds it; nullopt if nothing shows there.
Result<std::optional<Merged>> LayeredTree::child(const Merged& directory,
                                                 const RootfsPath& path) const {
  Merged merged;
  for (const std::size_t i : directory.layers) {
    const StackedLayer& layer = layers_[i];
    if (is_marker_name(layer.dialect, path.name())) continue;
    auto stat = layer.tree->stat(path);
    if (!stat && stat.error().code() != ErrorCode::kNotFound) return std::move(stat).error();
    if (stat && is_whiteout(layer.dialect, *stat)) break;
    const bool is_directory = stat && stat->type == EntryType::kDirectory;
    if (stat && !is_directory) {
      // Hides everything below it, and is itself hidden by a directory above it.
      if (merged.layers.empty()) merged = {*stat, {i}};
      break;
    }
    if (is_directory) {
      if (merged.layers.empty()) merged.stat = *stat;
      merged.layers.push_back(i);
      MERIDIAN_TRY(const bool opaque, is_opaque(*layer.tree, layer.dialect, path));
      if (opaque) break;
    }
    MERIDIAN_TRY(const bool gone, has_whiteout_file(*layer.tree, layer.dialect, path));
    if (gone) break;
  }
  if (merged.layers.empty()) return std::optional<Merged>();
  return std::optional<Merged>(std::move(merged));
}

Result<Merged> LayeredTree::find(const RootfsPath& path) const {
  MERIDIAN_TRY(Merged here, merged_root());
  RootfsPath at_path;
  std::string_view rest = path.text();
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (here.stat.type != EntryType::kDirectory) {
      return at(path, ErrorCode::kNotFound, "a parent is not a directory");
    }
    at_path = at_path / part;
    MERIDIAN_TRY(auto next, child(here, at_path));
    if (!next) return at(path, ErrorCode::kNotFound, "no such entry");
    here = *std::move(next);
  }
  return here;
}

/// The names that show in a merged directory.
Result<std::vector<DirEntry>> LayeredTree::merge_lists(const Merged& directory,
                                                       const RootfsPath& path) const {
  std::map<std::string, EntryType> shown;
  std::set<std::string, std::less<>> hidden;
  for (const std::size_t i : directory.layers) {
    const StackedLayer& layer = layers_[i];
    MERIDIAN_TRY(const auto entries, layer.tree->list(path));
    for (const DirEntry& entry : entries) {
      if (is_marker_name(layer.dialect, entry.name)) continue;
      if (shown.count(entry.name) != 0 || hidden.count(entry.name) != 0) continue;
      if (entry.type == EntryType::kCharDevice) {
        MERIDIAN_TRY(const Stat stat, layer.tree->stat(path / entry.name));
        if (is_whiteout(layer.dialect, stat)) {
          hidden.insert(entry.name);
          continue;
        }
      }
      shown.emplace(entry.name, entry.type);
    }
    // Only now: a deletion by name is of what lies below, whatever its place in this layer.
    for (const DirEntry& entry : entries) {
      const std::string_view gone = whited_out_name(layer.dialect, entry.name);
      if (!gone.empty()) hidden.emplace(gone);
    }
    if (shown.size() + hidden.size() > limits::kMaxEntries) {
      return at(path, ErrorCode::kLimit, "too many entries");
    }
  }
  std::vector<DirEntry> entries;
  entries.reserve(shown.size());
  for (const auto& [name, type] : shown) entries.push_back({name, type});
  return entries;
}

Result<Stat> LayeredTree::stat(const RootfsPath& path) const {
  MERIDIAN_TRY(const Merged found, find(path));
  return found.stat;
}

Result<std::vector<DirEntry>> LayeredTree::list(const RootfsPath& path) const {
  MERIDIAN_TRY(const Merged found, find(path));
  if (found.stat.type != EntryType::kDirectory) {
    return at(path, ErrorCode::kInvalid, "not a directory");
  }
  return merge_lists(found, path);
}

Result<std::string> LayeredTree::readlink(const RootfsPath& path) const {
  MERIDIAN_TRY(const Merged found, find(path));
  if (found.stat.type != EntryType::kSymlink) {
    return at(path, ErrorCode::kInvalid, "not a symbolic link");
  }
  return layers_[found.layers.front()].tree->readlink(path);
}

Result<std::unique_ptr<Content>> LayeredTree::open(const RootfsPath& path) const {
  MERIDIAN_TRY(const Merged found, find(path));
  if (found.stat.type != EntryType::kRegular) {
    return at(path, ErrorCode::kInvalid, "not a regular file");
  }
  return layers_[found.layers.front()].tree->open(path);
}

Result<std::string> LayeredTree::xattr(const RootfsPath& path, const std::string& name) const {
  MERIDIAN_TRY(const Merged found, find(path));
  if (found.layers.empty()) return at(path, ErrorCode::kNotFound, "no attributes");
  return layers_[found.layers.front()].tree->xattr(path, name);
}

Result<std::size_t> LayeredTree::origin(const RootfsPath& path) const {
  MERIDIAN_TRY(const Merged found, find(path));
  if (found.layers.empty()) return at(path, ErrorCode::kNotFound, "there are no layers");
  return found.layers.front();
}

}  // namespace meridian::rootfs
