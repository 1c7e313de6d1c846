// SPDX-License-Identifier: Apache-2.0
//
// tar_walk.cpp: entries in the order of the tar.
#include "rootfs/tar_walk.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "rootfs/tar_contents.hpp"

namespace meridian::rootfs {
namespace {

using archive::TarEntry;
using archive::TarType;

/// Of a path that is too long for a message.
constexpr std::size_t kShownPath = 200;

/// Those that decide what shows or what a program may do; the rest is weight in the index.
bool is_kept(std::string_view attribute) {
  for (const std::string_view prefix :
       {"security.", "trusted.overlay.", "user.overlay.", "user.fuseoverlayfs."}) {
    if (attribute.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

/// Without type kHardlink, which has none of its own.
Stat stat_of(const TarEntry& entry) {
  Stat stat;
  switch (entry.type) {
    case TarType::kDirectory:
      stat.type = EntryType::kDirectory;
      break;
    case TarType::kSymlink:
      stat.type = EntryType::kSymlink;
      break;
    case TarType::kCharDevice:
      stat.type = EntryType::kCharDevice;
      break;
    case TarType::kBlockDevice:
      stat.type = EntryType::kBlockDevice;
      break;
    case TarType::kFifo:
      stat.type = EntryType::kFifo;
      break;
    case TarType::kRegular:
    case TarType::kHardlink:
      break;
  }
  stat.mode = entry.mode;
  stat.uid = entry.uid;
  stat.gid = entry.gid;
  stat.mtime = entry.mtime;
  stat.rdev = entry.rdev;
  stat.size = stat.type == EntryType::kSymlink ? entry.link.size() : entry.size;
  return stat;
}

class StreamOpener final : public Visitor::Opener {
 public:
  StreamOpener(archive::TarStream& stream, const TarEntry& entry, const std::string& tree,
               SmallContents& kept)
      : stream_(stream), entry_(entry), tree_(tree), kept_(kept) {}

  Result<std::unique_ptr<Content>> open() override {
    if (entry_.type != TarType::kRegular) return error(ErrorCode::kInvalid, "not a regular file");
    if (std::exchange(used_, true)) return error(ErrorCode::kInvalid, "opened twice in one visit");
    return take_content(stream_, entry_.size, tree_ + ": " + entry_.path, kept_);
  }
  Result<std::string> xattr(const std::string& name) override {
    const auto it = entry_.xattrs.find(name);
    if (it != entry_.xattrs.end()) return it->second;
    return error(ErrorCode::kNotFound, "no attribute " + base::escape(name));
  }
  Result<std::vector<std::string>> xattr_names() override { return names_of(entry_.xattrs); }

 private:
  Error error(ErrorCode code, std::string_view why) const {
    return Error(
        code, base::escape(tree_) + ": '" + base::escape(entry_.path) + "': " + std::string(why));
  }

  archive::TarStream& stream_;
  const TarEntry& entry_;
  const std::string& tree_;
  SmallContents& kept_;
  bool used_ = false;
};

class TarWalk {
 public:
  TarWalk(const std::string& name, Visitor* visitor) : name_(name), visitor_(visitor) {}
  TarPass run(archive::Unpacker& unpacker, const archive::BlobRange& blob);

 private:
  Result<void> run(archive::TarStream& stream);
  Result<void> take(archive::TarStream& stream, TarEntry entry);
  Result<void> take_link(const RootfsPath& path, const TarEntry& entry, std::uint32_t number);
  Result<void> add_link(const RootfsPath& path, const RootfsPath& target, std::string_view remark);
  /// Links whose target was not there yet when they came.
  Result<void> take_late_links();
  void visit(archive::TarStream& stream, const RootfsPath& path, const TarEntry& entry,
             const Stat& stat);
  /// Whether the visitor wanted nothing of a directory that `path` lies in.
  bool is_skipped(const RootfsPath& path) const;
  void problem(const RootfsPath& path, Error error);

  const std::string& name_;
  Visitor* visitor_;
  TarPass pass_;
  std::set<RootfsPath> skipped_;
  struct LateLink {
    RootfsPath path;
    RootfsPath target;
    std::uint32_t number = 0;  // of its entry
  };
  std::vector<LateLink> late_links_;
};

TarPass TarWalk::run(archive::Unpacker& unpacker, const archive::BlobRange& blob) {
  auto stream = unpacker.tar(blob, name_);
  if (!stream) {
    pass_.error = std::move(stream).error();
  } else if (auto done = run(**stream); !done) {
    pass_.error = std::move(done).error();
  }
  // One that a later entry replaced was visited as that.
  std::erase_if(pass_.hard_links,
                [this](const RootfsPath& path) { return pass_.index.find(path) == nullptr; });
  const auto entry_of = [this](const RootfsPath& path) { return pass_.index.find(path)->entry; };
  // Whoever opens them then goes through the tar once, and all names of a file stand together.
  std::stable_sort(
      pass_.hard_links.begin(), pass_.hard_links.end(),
      [&](const RootfsPath& a, const RootfsPath& b) { return entry_of(a) < entry_of(b); });
  return std::move(pass_);
}

Result<void> TarWalk::run(archive::TarStream& stream) {
  while (!pass_.stopped) {
    MERIDIAN_TRY(auto entry, stream.next());
    if (!entry) {
      MERIDIAN_CHECK(take_late_links());
      MERIDIAN_TRY(pass_.digests, stream.finish());
      return {};
    }
    MERIDIAN_CHECK(take(stream, *std::move(entry)));
  }
  return {};
}

Result<void> TarWalk::take(archive::TarStream& stream, TarEntry entry) {
  auto parsed = RootfsPath::parse(entry.path);
  if (!parsed) {
    // It has no path that could be looked at; its beginning says which one it is.
    problem(RootfsPath(),
            std::move(parsed).error().in(base::escape(entry.path.substr(0, kShownPath))));
    return {};
  }
  const RootfsPath path = *std::move(parsed);
  for (auto it = entry.xattrs.begin(); it != entry.xattrs.end();) {
    it = is_kept(it->first) ? std::next(it) : entry.xattrs.erase(it);
  }
  if (entry.type == TarType::kHardlink) return take_link(path, entry, stream.entries() - 1);

  const Stat stat = stat_of(entry);
  TarIndex::Extra extra;
  if (entry.type == TarType::kSymlink) extra.link = entry.link;
  extra.xattrs = entry.xattrs;
  auto added = pass_.index.add(path, stat, stream.entries() - 1, std::move(extra));
  if (pass_.index.full()) return std::move(added).error().in(base::escape(name_));
  if (!added) problem(path, std::move(added).error());
  if (!path.is_root()) visit(stream, path, entry, stat);
  return {};
}

Result<void> TarWalk::take_link(const RootfsPath& path, const TarEntry& entry,
                                std::uint32_t number) {
  auto target = RootfsPath::parse(entry.link);
  if (!target) {
    problem(path, std::move(target).error());
    return {};
  }
  if (pass_.index.find(*target) != nullptr) return add_link(path, *target, "");
  const std::size_t bytes = path.text().size() + target->text().size() + sizeof(LateLink);
  if (auto charged = pass_.index.charge_text(bytes); !charged) {
    return std::move(charged).error().in(base::escape(name_));
  }
  late_links_.push_back({path, *std::move(target), number});
  return {};
}

Result<void> TarWalk::take_late_links() {
  for (const LateLink& link : late_links_) {
    const TarIndex::Node* const now = pass_.index.find(link.path);
    // Named again since: the last entry of a name counts. kNone is a directory for what is in it.
    if (now != nullptr && (now->entry == TarIndex::kNone || now->entry > link.number)) continue;
    MERIDIAN_CHECK(add_link(link.path, link.target, "which comes after it; unpackers refuse that"));
  }
  return {};
}

Result<void> TarWalk::add_link(const RootfsPath& path, const RootfsPath& target,
                               std::string_view remark) {
  auto added = pass_.index.add_link(path, target);
  if (pass_.index.full()) return std::move(added).error().in(base::escape(name_));
  if (!added && added.error().code() == ErrorCode::kLimit) {
    problem(path, std::move(added).error());
    return {};
  }
  const std::string link = "hard link to '" + base::escape(target.text()) + "'";
  if (!added) {
    problem(path, Error(ErrorCode::kCorrupt, link + ": " + added.error().message()));
    return {};
  }
  if (!remark.empty()) {
    problem(path, Error(ErrorCode::kCorrupt, link + ", " + std::string(remark)));
  }
  if (visitor_ == nullptr || is_skipped(path)) return {};
  // One path may come again and again, so it is not the index's nodes that bound this.
  if (auto charged = pass_.index.charge_text(sizeof path + path.text().size()); !charged) {
    return std::move(charged).error().in(base::escape(name_));
  }
  pass_.hard_links.push_back(path);
  return {};
}

void TarWalk::visit(archive::TarStream& stream, const RootfsPath& path, const TarEntry& entry,
                    const Stat& stat) {
  if (visitor_ == nullptr || is_skipped(path)) return;
  StreamOpener opener(stream, entry, name_, pass_.opened);
  const WalkStep step = visitor_->entry(path, stat, opener);
  if (step == WalkStep::kStop) pass_.stopped = true;
  if (step == WalkStep::kSkipChildren && stat.type == EntryType::kDirectory) skipped_.insert(path);
}

bool TarWalk::is_skipped(const RootfsPath& path) const {
  if (skipped_.empty()) return false;
  for (RootfsPath parent = path.parent(); !parent.is_root(); parent = parent.parent()) {
    if (skipped_.count(parent) != 0) return true;
  }
  return false;
}

void TarWalk::problem(const RootfsPath& path, Error error) {
  if (visitor_ == nullptr) return;
  visitor_->problem(path, std::move(error).in(base::escape(name_ + ": " + path.text())));
}

}  // namespace

TarPass pass_over_tar(archive::Unpacker& unpacker, const archive::BlobRange& blob,
                      const std::string& name, Visitor* visitor) {
  return TarWalk(name, visitor).run(unpacker, blob);
}

}  // namespace meridian::rootfs
