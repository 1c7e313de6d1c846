// SPDX-License-Identifier: Apache-2.0
//
// rootfs_path.hpp: the name of something inside a rootfs.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::rootfs {

/// Invariants: relative to the root, parts joined by one '/', no "", "." or ".." part, no NUL, at
/// most limits::kMaxPath bytes. The root itself is "". Not promised: that it exists, that its
/// parents are no symbolic links, that it is UTF-8.
class RootfsPath {
 public:
  RootfsPath() = default;  // the root
  /// Leading and double slashes and "." are dropped; ".." is resolved as text and stays in the root
  /// (tar members and user input; never right for following links: that is Tree::resolve).
  /// kInvalid with a NUL, kLimit when too long.
  static Result<RootfsPath> parse(std::string_view text);

  const std::string& text() const { return text_; }
  bool is_root() const { return text_.empty(); }
  std::string_view name() const;  // last part; "" for the root
  RootfsPath parent() const;      // of the root: the root
  /// `name` is one valid part, as a directory listing gives it.
  RootfsPath operator/(std::string_view name) const;

  auto operator<=>(const RootfsPath&) const = default;

 private:
  friend class ChildPath;
  explicit RootfsPath(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// The entries of one directory, each in the same text: a walk allocates nothing for each.
class ChildPath {
 public:
  explicit ChildPath(const RootfsPath& parent);
  /// As parent / name; holds until the next call.
  const RootfsPath& named(std::string_view name);

 private:
  RootfsPath path_;
  std::size_t prefix_;  // bytes before the name
};

}  // namespace meridian::rootfs
