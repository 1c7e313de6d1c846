// SPDX-License-Identifier: Apache-2.0
//
// layered_tree.cpp: paths and lists; one name is layered_lookup.cpp, the walk layered_walk.cpp.
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

/// Whether a listed entry is a whiteout of its own name. Most cannot be, and cost nothing.
Result<bool> hides_itself(const StackedLayer& layer, const RootfsPath& directory,
                          const DirEntry& entry) {
  if (entry.type != EntryType::kCharDevice && !entry.empty) return false;
  const RootfsPath path = directory / entry.name;
  auto stat = layer.tree->stat(path);
  if (!stat && stat.error().code() == ErrorCode::kNotFound) return true;  // gone meanwhile
  if (!stat) return std::move(stat).error();
  return is_whiteout(*layer.tree, layer.dialect, path, *stat);
}

/// What one layer's part of a directory adds: names that show, and names it hides below.
class NameMerge {
 public:
  Result<void> add(const StackedLayer& layer, const RootfsPath& directory,
                   const std::vector<DirEntry>& entries) {
    const bool hides_own = whiteout_file_hides_own(layer.dialect);
    if (hides_own) hide_named(layer, entries);
    for (const DirEntry& entry : entries) {
      if (is_marker_name(layer.dialect, entry.name)) continue;
      if (shown_.count(entry.name) != 0 || hidden_.count(entry.name) != 0) continue;
      MERIDIAN_TRY(const bool whiteout, hides_itself(layer, directory, entry));
      if (whiteout) {
        hidden_.insert(entry.name);
      } else {
        shown_.emplace(entry.name, entry);
      }
    }
    if (!hides_own) hide_named(layer, entries);
    if (shown_.size() + hidden_.size() > limits::kMaxEntries) {
      return at(directory, ErrorCode::kLimit, "too many entries");
    }
    return {};
  }

  std::vector<DirEntry> finish() {
    std::vector<DirEntry> entries;
    entries.reserve(shown_.size());
    for (auto& [name, entry] : shown_) entries.push_back(std::move(entry));
    return entries;
  }

 private:
  void hide_named(const StackedLayer& layer, const std::vector<DirEntry>& entries) {
    for (const DirEntry& entry : entries) {
      const std::string_view gone = whited_out_name(layer.dialect, entry.name);
      if (!gone.empty()) hidden_.emplace(gone);
    }
  }

  std::map<std::string, DirEntry> shown_;
  std::set<std::string, std::less<>> hidden_;
};

}  // namespace

LayeredTree::LayeredTree(std::vector<StackedLayer> layers, OverlayOptions options)
    : layers_(std::move(layers)), options_(options) {}

Result<Merged> LayeredTree::merged_root() const {
  Merged root;
  root.stat.type = EntryType::kDirectory;
  root.stat.mode = 0755;
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const StackedLayer& layer = layers_[i];
    if (root.places.empty()) {
      MERIDIAN_TRY(root.stat, layer.tree->stat(RootfsPath()));
    }
    root.places.push_back({i, RootfsPath()});
    MERIDIAN_TRY(const bool opaque, is_opaque(*layer.tree, layer.dialect, RootfsPath()));
    if (opaque) break;
  }
  return root;
}

Result<Merged> LayeredTree::find(const RootfsPath& path) const {
  MERIDIAN_TRY(Merged here, merged_root());
  std::string_view rest = path.text();
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (here.stat.type != EntryType::kDirectory) {
      return at(path, ErrorCode::kNotFound, "a parent is not a directory");
    }
    MERIDIAN_TRY(auto next, look_up(layers_, options_, here, part));
    if (!next) return at(path, ErrorCode::kNotFound, "no such entry");
    here = *std::move(next);
  }
  return here;
}

/// The names that show in a merged directory.
Result<std::vector<DirEntry>> LayeredTree::merge_lists(const Merged& directory) const {
  NameMerge names;
  for (const Place& place : directory.places) {
    MERIDIAN_TRY(const auto entries, tree_of(place).list(place.path));
    MERIDIAN_CHECK(names.add(layers_[place.layer], place.path, entries));
  }
  return names.finish();
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
  return merge_lists(found);
}

Result<std::string> LayeredTree::readlink(const RootfsPath& path) const {
  MERIDIAN_TRY(const Merged found, find(path));
  if (found.stat.type != EntryType::kSymlink) {
    return at(path, ErrorCode::kInvalid, "not a symbolic link");
  }
  return tree_of(found.places.front()).readlink(found.places.front().path);
}

Result<std::unique_ptr<Content>> LayeredTree::open(const RootfsPath& path) const {
  MERIDIAN_TRY(const Merged found, find(path));
  if (found.stat.type != EntryType::kRegular) {
    return at(path, ErrorCode::kInvalid, "not a regular file");
  }
  return tree_of(found.places.back()).open(found.places.back().path);
}

Result<std::string> shown_xattr(const StackedLayer& layer, const Place& place,
                                const std::string& name) {
  const auto stored = stored_attribute(layer.dialect, name);
  if (stored) return layer.tree->xattr(place.path, *stored);
  return at(place.path, ErrorCode::kNotFound, "no attribute " + base::escape(name));
}

Result<std::string> LayeredTree::xattr(const RootfsPath& path, const std::string& name) const {
  MERIDIAN_TRY(const Merged found, find(path));
  if (found.places.empty()) return at(path, ErrorCode::kNotFound, "there are no layers");
  const Place& place = found.places.front();
  return shown_xattr(layers_[place.layer], place, name);
}

Result<Origin> LayeredTree::origin(const RootfsPath& path) const {
  MERIDIAN_TRY(Merged found, find(path));
  if (found.places.empty()) return at(path, ErrorCode::kNotFound, "there are no layers");
  const bool is_directory = found.stat.type == EntryType::kDirectory;
  Place content = is_directory ? found.places.front() : found.places.back();
  return Origin{std::move(found.places.front()), std::move(content)};
}

}  // namespace meridian::rootfs
