// SPDX-License-Identifier: Apache-2.0
//
// layered_walk.cpp: LayeredTree::walk, an explicit stack of merged directories.
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "rootfs/layered_tree.hpp"

namespace meridian::rootfs {

class LayeredWalk {
 public:
  LayeredWalk(const LayeredTree& tree, Visitor& visitor) : tree_(tree), visitor_(visitor) {}
  Result<void> run();

 private:
  struct Frame {
    RootfsPath path;
    Merged merged;
    std::size_t depth = 0;
  };
  /// Visits what is in `frame` and pushes its directories.
  void visit_entries(const Frame& frame, const std::vector<DirEntry>& entries);
  void push(const Frame& parent, const RootfsPath& path, Merged merged);

  const LayeredTree& tree_;
  Visitor& visitor_;
  bool stopped_ = false;
  std::vector<Frame> stack_;
};

namespace {

class LayeredOpener final : public Visitor::Opener {
 public:
  LayeredOpener(const Tree& layer, const RootfsPath& path, EntryType type)
      : layer_(layer), path_(path), type_(type) {}
  Result<std::unique_ptr<Content>> open() override {
    if (type_ == EntryType::kRegular) return layer_.open(path_);
    return Error(ErrorCode::kInvalid, "'" + base::escape(path_.text()) + "': not a regular file");
  }
  Result<std::string> xattr(const std::string& name) override { return layer_.xattr(path_, name); }

 private:
  const Tree& layer_;
  const RootfsPath& path_;
  EntryType type_;
};

}  // namespace

Result<void> LayeredWalk::run() {
  Frame root;
  MERIDIAN_TRY(root.merged, tree_.merged_root());
  MERIDIAN_TRY(const auto top, tree_.merge_lists(root.merged, root.path));
  visit_entries(root, top);
  while (!stopped_ && !stack_.empty()) {
    const Frame frame = std::move(stack_.back());
    stack_.pop_back();
    const auto entries = tree_.merge_lists(frame.merged, frame.path);
    if (entries) {
      visit_entries(frame, *entries);
    } else {
      visitor_.problem(frame.path, entries.error());
    }
  }
  return {};
}

void LayeredWalk::visit_entries(const Frame& frame, const std::vector<DirEntry>& entries) {
  for (const DirEntry& entry : entries) {
    const RootfsPath path = frame.path / entry.name;
    auto found = tree_.child(frame.merged, path);
    if (!found) {
      visitor_.problem(path, found.error());
      continue;
    }
    if (!*found) continue;  // deleted since it was listed
    Merged& merged = **found;
    LayeredOpener opener(*tree_.layers_[merged.layers.front()].tree, path, merged.stat.type);
    const WalkStep step = visitor_.entry(path, merged.stat, opener);
    if (step == WalkStep::kStop) {
      stopped_ = true;
      return;
    }
    if (step == WalkStep::kGoOn && merged.stat.type == EntryType::kDirectory) {
      push(frame, path, std::move(merged));
    }
  }
}

void LayeredWalk::push(const Frame& parent, const RootfsPath& path, Merged merged) {
  if (parent.depth + 1 >= limits::kMaxDepth || path.text().size() >= limits::kMaxPath) {
    visitor_.problem(path,
                     Error(ErrorCode::kLimit,
                           "'" + base::escape(path.text()) + "': not walked: more than " +
                               std::to_string(limits::kMaxDepth) + " levels of directories or " +
                               std::to_string(limits::kMaxPath) + " bytes of path"));
    return;
  }
  stack_.push_back({path, std::move(merged), parent.depth + 1});
}

Result<void> LayeredTree::walk(Visitor& visitor) const { return LayeredWalk(*this, visitor).run(); }

}  // namespace meridian::rootfs
