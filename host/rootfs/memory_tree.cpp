// SPDX-License-Identifier: Apache-2.0
//
// memory_tree.cpp: one map from path to entry.
#include "rootfs/memory_tree.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "rootfs/file_content.hpp"

namespace meridian::rootfs {
namespace {

MemoryEntry directory_entry() {
  MemoryEntry entry;
  entry.stat.type = EntryType::kDirectory;
  entry.stat.mode = 0755;
  return entry;
}

/// Whether `path` stands among those that begin with the bytes of `start`: they follow it in order.
bool begins_like(const RootfsPath& path, const RootfsPath& start) {
  return path.text().compare(0, start.text().size(), start.text()) == 0;
}

bool is_below(const RootfsPath& path, const RootfsPath& directory) {
  const std::string& text = directory.text();
  if (text.empty()) return !path.is_root();
  return path.text().size() > text.size() && path.text()[text.size()] == '/' &&
         begins_like(path, directory);
}

Error no_entry(const RootfsPath& path, ErrorCode code, std::string_view why) {
  std::string message = "'";
  message.append(base::escape(path.text())).append("': ").append(why);
  return Error(code, std::move(message));
}

}  // namespace

void MemoryTree::add(const RootfsPath& path, MemoryEntry entry) {
  for (RootfsPath parent = path.parent(); !parent.is_root(); parent = parent.parent()) {
    auto& place = entries_.try_emplace(parent, directory_entry()).first->second;
    if (place.stat.type != EntryType::kDirectory) place = directory_entry();
  }
  const EntryType type = entry.stat.type;
  if (type == EntryType::kRegular || type == EntryType::kSymlink) {
    entry.stat.size = entry.content.size();
  }
  if (type != EntryType::kDirectory) {
    for (auto it = entries_.upper_bound(path);
         it != entries_.end() && begins_like(it->first, path);) {
      it = is_below(it->first, path) ? entries_.erase(it) : std::next(it);
    }
  }
  entries_.insert_or_assign(path, std::move(entry));
}

Result<const MemoryEntry*> MemoryTree::find(const RootfsPath& path) const {
  static const MemoryEntry kRoot = directory_entry();
  if (const auto it = entries_.find(path); it != entries_.end()) return &it->second;
  if (path.is_root()) return &kRoot;
  return no_entry(path, ErrorCode::kNotFound, "no such entry");
}

Result<Stat> MemoryTree::stat(const RootfsPath& path) const {
  MERIDIAN_TRY(const MemoryEntry* entry, find(path));
  return entry->stat;
}

Result<std::vector<DirEntry>> MemoryTree::list(const RootfsPath& path) const {
  MERIDIAN_TRY(const MemoryEntry* entry, find(path));
  if (entry->stat.type != EntryType::kDirectory) {
    return no_entry(path, ErrorCode::kInvalid, "not a directory");
  }
  std::vector<DirEntry> entries;
  const std::size_t name = path.is_root() ? 0 : path.text().size() + 1;
  for (auto it = entries_.upper_bound(path); it != entries_.end() && begins_like(it->first, path);
       ++it) {
    const std::string& text = it->first.text();
    if (is_below(it->first, path) && text.find('/', name) == std::string::npos) {
      entries.push_back(dir_entry(text.substr(name), it->second.stat));
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
  return entries;
}

Result<std::string> MemoryTree::readlink(const RootfsPath& path) const {
  MERIDIAN_TRY(const MemoryEntry* entry, find(path));
  if (entry->stat.type == EntryType::kSymlink) return entry->content;
  return no_entry(path, ErrorCode::kInvalid, "not a symbolic link");
}

Result<std::unique_ptr<Content>> MemoryTree::open(const RootfsPath& path) const {
  MERIDIAN_TRY(const MemoryEntry* entry, find(path));
  if (entry->stat.type != EntryType::kRegular) {
    return no_entry(path, ErrorCode::kInvalid, "not a regular file");
  }
  {
    const std::lock_guard lock(mutex_);
    opened_.insert(path.text());
  }
  return memory_content(entry->content);
}

Result<std::string> MemoryTree::xattr(const RootfsPath& path, const std::string& name) const {
  MERIDIAN_TRY(const MemoryEntry* entry, find(path));
  if (const auto it = entry->xattrs.find(name); it != entry->xattrs.end()) return it->second;
  return no_entry(path, ErrorCode::kNotFound, "no attribute " + base::escape(name));
}

Result<std::vector<std::string>> MemoryTree::xattr_names(const RootfsPath& path) const {
  MERIDIAN_TRY(const MemoryEntry* entry, find(path));
  return names_of(entry->xattrs);
}

Result<void> MemoryTree::walk(Visitor& visitor) const {
  class Opener final : public Visitor::Opener {
   public:
    Opener(const MemoryTree& tree, const RootfsPath& path) : tree_(tree), path_(path) {}
    Result<std::unique_ptr<Content>> open() override { return tree_.open(path_); }
    Result<std::string> xattr(const std::string& name) override { return tree_.xattr(path_, name); }
    Result<std::vector<std::string>> xattr_names() override { return tree_.xattr_names(path_); }

   private:
    const MemoryTree& tree_;
    const RootfsPath& path_;
  };
  std::set<RootfsPath> skipped;
  // By bytes, so that a directory comes before what is in it.
  for (const auto& [path, entry] : entries_) {
    if (path.is_root()) continue;
    if (skipped.count(path.parent()) != 0) {
      skipped.insert(path);
      continue;
    }
    Opener opener(*this, path);
    const WalkStep step = visitor.entry(path, entry.stat, opener);
    if (step == WalkStep::kStop) break;
    if (step == WalkStep::kSkipChildren) skipped.insert(path);
  }
  return {};
}

std::set<std::string> MemoryTree::opened() const {
  const std::lock_guard lock(mutex_);
  return opened_;
}

}  // namespace meridian::rootfs
