// SPDX-License-Identifier: Apache-2.0
//
// tar_tree.cpp: look-ups, from an index and contents that are read when first needed.
#include "rootfs/tar_tree.hpp"

#include <mutex>
#include <span>
#include <utility>

#include "base/escape.hpp"
#include "rootfs/tar_contents.hpp"
#include "rootfs/tar_walk.hpp"

namespace meridian::rootfs {

using Node = TarIndex::Node;

struct TarTree::State {
  State(archive::Unpacker& unpacker_in, BlobRange blob_in, std::string name_in)
      : unpacker(unpacker_in), blob(std::move(blob_in)), name(std::move(name_in)) {}

  /// The pass that look-ups use; made here if no walk has finished yet. Held only while no visitor
  /// runs: a visitor may look things up in this tree.
  std::shared_ptr<const TarPass> index();
  void publish(std::shared_ptr<const TarPass> made, SmallContents opened);

  Error error(const RootfsPath& path, ErrorCode code, std::string_view why) const {
    return Error(code,
                 base::escape(name) + ": '" + base::escape(path.text()) + "': " + std::string(why));
  }
  /// kNotFound, unless the pass ended early: then nobody knows.
  Result<const Node*> find(const TarPass& from, const RootfsPath& path) const;
  Result<std::unique_ptr<Content>> open(const RootfsPath& path);
  /// Nobody goes on in its tar for now.
  void rest() {
    const std::lock_guard lock(contents_mutex);
    if (contents) contents->rest();
  }
  void start_contents(SmallContents seen);
  Result<std::string> xattr(const RootfsPath& path, const std::string& attribute);
  Result<std::vector<std::string>> xattr_names(const RootfsPath& path);

  archive::Unpacker& unpacker;
  const BlobRange blob;
  const std::string name;
  std::mutex mutex;
  std::shared_ptr<const TarPass> pass;  // guarded by mutex
  std::mutex contents_mutex;
  std::unique_ptr<TarContents> contents;  // guarded by contents_mutex
};

std::shared_ptr<const TarPass> TarTree::State::index() {
  const std::lock_guard lock(mutex);
  if (pass) return pass;
  auto made = std::make_shared<const TarPass>(pass_over_tar(unpacker, blob, name, nullptr));
  // What was cut short by us says nothing of the layer.
  if (!made->error || made->error->code() != ErrorCode::kCancelled) pass = made;
  return made;
}

void TarTree::State::publish(std::shared_ptr<const TarPass> made, SmallContents opened) {
  if (!made->hard_links.empty()) {
    const std::lock_guard lock(contents_mutex);
    if (!contents) start_contents(std::move(opened));
  }
  const std::lock_guard lock(mutex);
  if (!pass && (!made->error || made->error->code() != ErrorCode::kCancelled)) {
    pass = std::move(made);
  }
}

/// With contents_mutex held.
void TarTree::State::start_contents(SmallContents seen) {
  contents = std::make_unique<TarContents>(unpacker, blob, name, std::move(seen));
}

Result<const Node*> TarTree::State::find(const TarPass& from, const RootfsPath& path) const {
  if (const Node* node = from.index.find(path); node != nullptr) return node;
  if (from.error) return *from.error;
  return error(path, ErrorCode::kNotFound, "no such entry");
}

Result<std::unique_ptr<Content>> TarTree::State::open(const RootfsPath& path) {
  const auto indexed = index();
  MERIDIAN_TRY(const Node* node, find(*indexed, path));
  if (node->stat.type != EntryType::kRegular) {
    return error(path, ErrorCode::kInvalid, "not a regular file");
  }
  const std::lock_guard lock(contents_mutex);
  if (!contents) start_contents({});
  auto content = contents->open(node->entry, node->stat.size);
  if (!content) return std::move(content).error().in(base::escape(name + ": " + path.text()));
  return content;
}

Result<std::string> TarTree::State::xattr(const RootfsPath& path, const std::string& attribute) {
  const auto indexed = index();
  MERIDIAN_TRY(const Node* node, find(*indexed, path));
  const auto& xattrs = indexed->index.extra(*node).xattrs;
  if (const auto it = xattrs.find(attribute); it != xattrs.end()) return it->second;
  return error(path, ErrorCode::kNotFound, "no attribute " + base::escape(attribute));
}

Result<std::vector<std::string>> TarTree::State::xattr_names(const RootfsPath& path) {
  const auto indexed = index();
  MERIDIAN_TRY(const Node* node, find(*indexed, path));
  return names_of(indexed->index.extra(*node).xattrs);
}

TarTree::TarTree(archive::Unpacker& unpacker, BlobRange blob, std::string name)
    : state_(std::make_unique<State>(unpacker, std::move(blob), std::move(name))) {}
TarTree::~TarTree() = default;

Result<Stat> TarTree::stat(const RootfsPath& path) const {
  const auto indexed = state_->index();
  MERIDIAN_TRY(const Node* node, state_->find(*indexed, path));
  return node->stat;
}

Result<std::vector<DirEntry>> TarTree::list(const RootfsPath& path) const {
  const auto indexed = state_->index();
  MERIDIAN_TRY(const Node* node, state_->find(*indexed, path));
  if (node->stat.type != EntryType::kDirectory) {
    return state_->error(path, ErrorCode::kInvalid, "not a directory");
  }
  // Half a list would say that the rest is not there.
  if (indexed->error) return *indexed->error;
  return indexed->index.list(*node);
}

Result<std::string> TarTree::readlink(const RootfsPath& path) const {
  const auto indexed = state_->index();
  MERIDIAN_TRY(const Node* node, state_->find(*indexed, path));
  if (node->stat.type != EntryType::kSymlink) {
    return state_->error(path, ErrorCode::kInvalid, "not a symbolic link");
  }
  return indexed->index.extra(*node).link;
}

Result<std::unique_ptr<Content>> TarTree::open(const RootfsPath& path) const {
  return state_->open(path);
}

Result<std::string> TarTree::xattr(const RootfsPath& path, const std::string& name) const {
  return state_->xattr(path, name);
}

Result<std::vector<std::string>> TarTree::xattr_names(const RootfsPath& path) const {
  return state_->xattr_names(path);
}

Result<void> TarTree::walk(Visitor& visitor) const {
  class LinkOpener final : public Visitor::Opener {
   public:
    LinkOpener(State& state, const RootfsPath& path) : state_(state), path_(path) {}
    Result<std::unique_ptr<Content>> open() override { return state_.open(path_); }
    Result<std::string> xattr(const std::string& name) override {
      return state_.xattr(path_, name);
    }
    Result<std::vector<std::string>> xattr_names() override { return state_.xattr_names(path_); }

   private:
    State& state_;
    const RootfsPath& path_;
  };
  TarPass made = pass_over_tar(state_->unpacker, state_->blob, state_->name, &visitor);
  if (made.stopped) return {};
  SmallContents opened = std::move(made.opened);
  const auto pass = std::make_shared<const TarPass>(std::move(made));
  state_->publish(pass, std::move(opened));
  const std::span<const RootfsPath> links(pass->hard_links);
  for (std::size_t begin = 0; begin < links.size();) {
    const Node* const file = pass->index.find(links[begin]);
    std::size_t end = begin + 1;
    while (end < links.size() && pass->index.find(links[end])->entry == file->entry) ++end;
    LinkOpener opener(*state_, links[begin]);
    const auto names = links.subspan(begin, end - begin);
    if (visitor.links(names, file->stat, opener) == WalkStep::kStop) break;
    begin = end;
  }
  state_->rest();
  if (pass->error) return *pass->error;
  return {};
}

std::optional<std::string> TarTree::decoded_digest() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->pass || !state_->pass->digests) return std::nullopt;
  return state_->pass->digests->decoded;
}

std::optional<std::string> TarTree::stored_digest() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->pass || !state_->pass->digests) return std::nullopt;
  return state_->pass->digests->stored;
}

}  // namespace meridian::rootfs
