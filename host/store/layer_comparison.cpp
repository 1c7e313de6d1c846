// SPDX-License-Identifier: Apache-2.0
#include "store/layer_comparison.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace meridian::store {
namespace {

using archive::TarType;
using rootfs::EntryType;
using rootfs::RootfsPath;
using rootfs::Stat;

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kWhiteoutMeta = ".wh..wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr const char* kCapability = "security.capability";

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

EntryType type_of(TarType type) {
  switch (type) {
    case TarType::kDirectory:
      return EntryType::kDirectory;
    case TarType::kSymlink:
      return EntryType::kSymlink;
    case TarType::kCharDevice:
      return EntryType::kCharDevice;
    case TarType::kBlockDevice:
      return EntryType::kBlockDevice;
    case TarType::kFifo:
      return EntryType::kFifo;
    case TarType::kRegular:
    case TarType::kHardlink:
      break;
  }
  return EntryType::kRegular;
}

bool is_device(EntryType type) {
  return type == EntryType::kCharDevice || type == EntryType::kBlockDevice;
}

}  // namespace

Result<void> LayerComparison::add(const archive::TarEntry& entry) {
  const auto path = RootfsPath::parse(entry.path);
  if (!path || path->is_root()) return {};  // no engine unpacks the first; the second is its own
  const std::string_view name = path->name();
  RootfsPath place = *path;
  Expected expected;
  if (name == kOpaque) {
    opaque_.emplace(path->parent(), true);
    return {};
  }
  if (starts_with(name, kWhiteoutMeta)) return {};  // of aufs
  if (starts_with(name, kWhiteout)) {
    place = path->parent() / name.substr(kWhiteout.size());
    expected.is_whiteout = true;
  } else {
    expected.type = type_of(entry.type);
    expected.is_hard_link = entry.type == TarType::kHardlink;
    expected.mode = entry.mode;
    expected.uid = entry.uid;
    expected.gid = entry.gid;
    expected.size = entry.size;
    expected.rdev = entry.rdev;
    expected.mtime = std::max<std::int64_t>(entry.mtime, 0);  // engines write no earlier one
    expected.link = entry.link;
    const auto capability = entry.xattrs.find(kCapability);
    if (capability != entry.xattrs.end()) expected.capability = capability->second;
  }
  kept_bytes_ += sizeof expected + 2 * place.text().size() + expected.link.size();
  if (kept_bytes_ > limits::kMaxIndexBytes) {
    return Error(ErrorCode::kLimit, "more entries than are kept, " +
                                        std::to_string(limits::kMaxIndexBytes) + " bytes");
  }
  for (RootfsPath above = place.parent(); !above.is_root(); above = above.parent()) {
    if (!parents_.emplace(above, true).second) break;
  }
  const auto known = entries_.find(place);
  expected.is_repeated = known != entries_.end() && !known->second.is_whiteout;
  entries_.insert_or_assign(std::move(place), std::move(expected));
  return {};
}

Result<void> LayerComparison::compare_attributes(const RootfsPath& path, const Expected& expected) {
  const auto attribute = [&](const char* name) -> Result<std::string> {
    auto value = disk_.tree->xattr(path, name);
    if (value || value.error().code() != ErrorCode::kNotFound) return value;
    return std::string();
  };
  if (expected.type == EntryType::kRegular && disk_.has_owners) {
    MERIDIAN_TRY(const std::string capability, attribute(kCapability));
    if (capability != expected.capability) differs(path.text(), "capabilities");
  }
  return {};
}

Result<void> LayerComparison::compare_one(const RootfsPath& path, const Expected& expected) {
  const auto found = disk_.tree->stat(path);
  if (!found && found.error().code() != ErrorCode::kNotFound) return found.error();
  if (expected.is_whiteout) {
    // Of a folder that is whole the file is gone, and nothing marks it.
    if (disk_.is_whole) return {};
    const bool there = found && found->type == EntryType::kCharDevice && found->rdev == 0;
    if (!there) differs(path.text(), "whiteout removed");
    return {};
  }
  if (!found) {
    differs(path.text(), "removed");
    return {};
  }
  if (found->type != expected.type) {
    if (!expected.is_hard_link) differs(path.text(), "type");
    return {};
  }
  if (expected.is_hard_link) return {};  // its attributes are those of the first name
  const bool is_link = expected.type == EntryType::kSymlink;
  if (!is_link && found->mode != expected.mode) differs(path.text(), "mode");
  if (disk_.has_owners && (found->uid != expected.uid || found->gid != expected.gid)) {
    differs(path.text(), "owner");
  }
  if (expected.type == EntryType::kRegular) {
    if (found->size != expected.size) differs(path.text(), "size");
    if (found->mtime != expected.mtime) differs(path.text(), "mtime");
  }
  if (is_device(expected.type) && found->rdev != expected.rdev) differs(path.text(), "device");
  if (is_link) {
    MERIDIAN_TRY(const std::string text, disk_.tree->readlink(path));
    if (text != expected.link) differs(path.text(), "link");
  }
  return compare_attributes(path, expected);
}

/// Names on disk that no entry has.
class LayerComparison::Added final : public rootfs::Visitor {
 public:
  explicit Added(LayerComparison& layer) : layer_(layer) {}
  rootfs::WalkStep entry(const RootfsPath& path, const Stat& stat, Opener&) override {
    const bool made = stat.type == EntryType::kDirectory && layer_.parents_.count(path) != 0;
    // No tar has sockets, and BuildKit leaves them where they were.
    if (made || layer_.entries_.count(path) != 0 || stat.type == EntryType::kSocket) {
      return rootfs::WalkStep::kGoOn;
    }
    const bool whiteout = stat.type == EntryType::kCharDevice && stat.rdev == 0;
    layer_.differs(path.text(), whiteout ? "whiteout added" : "added");
    return rootfs::WalkStep::kSkipChildren;
  }
  void problem(const RootfsPath& path, const Error& error) override {
    if (!layer_.unseen_) layer_.unseen_ = Error(error).in(path.text());
  }

 private:
  LayerComparison& layer_;
};

Result<void> LayerComparison::compare() {
  for (const auto& [path, expected] : entries_) MERIDIAN_CHECK(compare_one(path, expected));
  for (const auto& [path, is_opaque] : opaque_) {
    if (disk_.is_whole || !disk_.has_markers) break;
    const auto value = disk_.tree->xattr(path, "trusted.overlay.opaque");
    if (!value && value.error().code() != ErrorCode::kNotFound) return value.error();
    if (!value || *value != "y") differs(path.text(), "opaque marker removed");
  }
  if (disk_.is_whole) return {};
  Added added(*this);
  MERIDIAN_CHECK(disk_.tree->walk(added));
  if (unseen_) return *unseen_;
  return {};
}

Result<std::unique_ptr<rootfs::Content>> LayerComparison::open(std::string_view name,
                                                               std::uint64_t size) const {
  MERIDIAN_TRY(const RootfsPath path, RootfsPath::parse(name));
  auto content = disk_.tree->open(path);
  const bool gone = !content && (content.error().code() == ErrorCode::kNotFound ||
                                 content.error().code() == ErrorCode::kInvalid);
  if (gone || (content && (*content)->size() != size)) return std::unique_ptr<rootfs::Content>();
  return content;
}

bool LayerComparison::is_repeated(std::string_view name) const {
  const auto path = RootfsPath::parse(name);
  const auto known = path ? entries_.find(*path) : entries_.end();
  return known != entries_.end() && known->second.is_repeated;
}

void LayerComparison::differs(std::string_view path, std::string_view how) {
  const auto known = differences_.find(path);
  if (known != differences_.end()) {
    known->second.append(", ").append(how);
  } else if (differences_.size() < model::kMaxCountedDifferences) {
    differences_.emplace(path, how);
  }
}

model::ContentCheck LayerComparison::result() const {
  model::ContentCheck out;
  out.state = differences_.empty() ? model::ContentState::kIntact : model::ContentState::kChanged;
  out.difference_count = differences_.size();
  for (const auto& [path, how] : differences_) {
    if (out.differences.size() == model::kMaxDifferences) break;
    out.differences.push_back({path, how});
  }
  return out;
}

}  // namespace meridian::store
