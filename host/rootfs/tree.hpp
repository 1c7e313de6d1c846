// SPDX-License-Identifier: Apache-2.0
//
// tree.hpp: a read-only file tree: an unpacked directory, a layer's tar, memory, or a stack of
// those.
//
// Nothing here follows a symbolic link unless it says so. const methods from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"
#include "rootfs/rootfs_path.hpp"

namespace meridian::rootfs {

enum class EntryType { kRegular, kDirectory, kSymlink, kCharDevice, kBlockDevice, kFifo, kSocket };

struct Stat {
  EntryType type = EntryType::kRegular;
  std::uint32_t mode = 0;  // permission bits, 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;  // bytes
  std::int64_t mtime = 0;  // seconds since 1970
  std::uint64_t rdev = 0;  // makedev(major, minor) of a device
  bool sparse = false;     // a regular file on disk with fewer blocks than its size needs
};

struct DirEntry {
  std::string name;
  EntryType type = EntryType::kRegular;
  bool empty = false;  // a regular file without bytes
};

inline DirEntry dir_entry(std::string name, const Stat& stat) {
  return {std::move(name), stat.type, stat.type == EntryType::kRegular && stat.size == 0};
}

/// An open regular file. read() from one thread at a time; there may be others of the same file.
class Content {
 public:
  virtual ~Content() = default;
  /// As stat said when it was opened; the bytes may since have changed.
  virtual std::uint64_t size() const = 0;
  /// Up to `capacity` bytes at `offset`, fewer only at the end.
  virtual Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) = 0;
  /// The same bytes for another thread, while this one lives; null: it cannot be read by two.
  virtual std::unique_ptr<Content> another() { return nullptr; }
  /// The descriptor behind it, to hand to a worker; -1: none (memory).
  virtual int fd() const { return -1; }
  /// The same, given away; nothing can be read afterwards. Empty: there is none to give.
  virtual base::UniqueFd take_fd() { return {}; }
};

/// What xattr_names() gives of attributes in memory.
std::vector<std::string> names_of(const std::map<std::string, std::string>& xattrs);

/// The whole content; kLimit if it has more than `limit` bytes.
Result<std::string> read_content(Content& content, std::uint64_t limit);

enum class WalkStep { kGoOn, kSkipChildren, kStop };

/// What walk() meets, parents before children, otherwise in no promised order.
class Visitor {
 public:
  virtual ~Visitor() = default;
  /// Makes the content of the entry being visited available; only during its entry() call, at most
  /// once, regular files only. Never opens a device or FIFO.
  class Opener {
   public:
    virtual ~Opener() = default;
    virtual Result<std::unique_ptr<Content>> open() = 0;
    /// Value of an extended attribute of the entry; kNotFound if it has none.
    virtual Result<std::string> xattr(const std::string& name) = 0;
    /// As Tree::xattr_names().
    virtual Result<std::vector<std::string>> xattr_names() { return std::vector<std::string>(); }
  };
  virtual WalkStep entry(const RootfsPath& path, const Stat& stat, Opener& opener) = 0;
  /// One regular file under several names of this tree (hard links), met once with those that were
  /// met together: a directory's all, a tar's second and further ones. `opener` opens as often as
  /// it is asked. Who does not override it is told of one name after the other.
  virtual WalkStep links(std::span<const RootfsPath> names, const Stat& stat, Opener& opener);
  /// Something below `path` could not be looked at; the walk goes on beside it.
  virtual void problem(const RootfsPath& path, const Error& error) = 0;
};

class Tree {
 public:
  virtual ~Tree() = default;

  /// kNotFound if there is no such entry or a parent is not a directory.
  virtual Result<Stat> stat(const RootfsPath& path) const = 0;
  /// Sorted by bytes; kNotFound, kInvalid if it is no directory.
  virtual Result<std::vector<DirEntry>> list(const RootfsPath& path) const = 0;
  virtual Result<std::string> readlink(const RootfsPath& path) const = 0;
  /// Regular files only, else kInvalid.
  virtual Result<std::unique_ptr<Content>> open(const RootfsPath& path) const = 0;
  virtual Result<std::string> xattr(const RootfsPath& path, const std::string& name) const = 0;
  /// Names of the attributes, for entries whose content has no descriptor to ask: archives, memory.
  virtual Result<std::vector<std::string>> xattr_names(const RootfsPath& path) const;
  /// Visits everything but the root. The error is one that ended the walk (the tree is unreadable
  /// as a whole); the rest went to Visitor::problem.
  virtual Result<void> walk(Visitor& visitor) const = 0;
  /// "sha256:..." of the decoded bytes that the tree was read from, once a pass has reached their
  /// end; empty for trees that are not read from one stream.
  virtual std::optional<std::string> decoded_digest() const { return std::nullopt; }
  /// The same of the bytes as they are stored, compressed or not.
  virtual std::optional<std::string> stored_digest() const { return std::nullopt; }
  /// Why overlay markers of this layer may be unknown, kPrivilege; nullptr: they are all seen. What
  /// an unknown one hides or renames would show.
  virtual const Error* marker_gap() const { return nullptr; }
};

/// Follows every symbolic link of `text` inside `tree` (".." stays in the root); the result names
/// something that exists and is no link. kNotFound; kLimit past limits::kMaxSymlinks.
Result<RootfsPath> resolve(const Tree& tree, std::string_view text);
/// As resolve(), but a link at the very end is itself what is named, unless a slash follows it.
Result<RootfsPath> resolve_parents(const Tree& tree, std::string_view text);

}  // namespace meridian::rootfs
