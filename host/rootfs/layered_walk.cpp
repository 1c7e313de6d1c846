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
  LayeredOpener(const std::vector<StackedLayer>& layers, const Merged& merged)
      : layers_(layers), merged_(merged) {}
  Result<std::unique_ptr<Content>> open() override {
    const Place& bytes = merged_.places.back();
    if (merged_.stat.type == EntryType::kRegular)
      return layers_[bytes.layer].tree->open(bytes.path);
    return Error(ErrorCode::kInvalid,
                 "'" + base::escape(bytes.path.text()) + "': not a regular file");
  }
  Result<std::string> xattr(const std::string& name) override {
    const Place& place = merged_.places.front();
    return shown_xattr(layers_[place.layer], place, name);
  }
  Result<std::vector<std::string>> xattr_names() override {
    const Place& place = merged_.places.front();
    return layers_[place.layer].tree->xattr_names(place.path);
  }

 private:
  const std::vector<StackedLayer>& layers_;
  const Merged& merged_;
};

}  // namespace

Result<void> LayeredWalk::run() {
  Frame root;
  MERIDIAN_TRY(root.merged, tree_.merged_root());
  MERIDIAN_TRY(const auto top, tree_.merge_lists(root.merged));
  visit_entries(root, top);
  while (!stopped_ && !stack_.empty()) {
    const Frame frame = std::move(stack_.back());
    stack_.pop_back();
    const auto entries = tree_.merge_lists(frame.merged);
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
    auto found = look_up(tree_.layers_, tree_.options_, frame.merged, entry.name);
    if (!found) {
      visitor_.problem(path, found.error());
      continue;
    }
    if (!*found) continue;  // deleted since it was listed
    Merged& merged = **found;
    LayeredOpener opener(tree_.layers_, merged);
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
