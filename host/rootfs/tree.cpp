// SPDX-License-Identifier: Apache-2.0
//
// tree.cpp: what every kind of tree does alike.
#include "rootfs/tree.hpp"

#include <algorithm>
#include <limits>

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::rootfs {

Result<std::string> read_content(Content& content, std::uint64_t limit) {
  limit = std::min(limit, std::numeric_limits<std::uint64_t>::max() - 1);
  std::string bytes;
  // size() may lie by the time it is read: it sets how much is reserved, never how much is taken.
  std::size_t chunk = static_cast<std::size_t>(std::min(
      {std::max(content.size(), content.size() + 1), limit + 1, std::uint64_t{limits::kChunk}}));
  for (;;) {
    const std::size_t have = bytes.size();
    bytes.resize(have + chunk);
    MERIDIAN_TRY(const std::size_t got, content.read(have, bytes.data() + have, chunk));
    bytes.resize(have + got);
    if (bytes.size() > limit) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(limit) + " bytes");
    }
    if (got == 0) return bytes;
    chunk =
        static_cast<std::size_t>(std::min(limit + 1 - bytes.size(), std::uint64_t{limits::kChunk}));
  }
}

std::vector<std::string> names_of(const std::map<std::string, std::string>& xattrs) {
  std::vector<std::string> names;
  for (const auto& [name, value] : xattrs) names.push_back(name);
  return names;
}

Result<std::vector<std::string>> Tree::xattr_names(const RootfsPath&) const {
  return std::vector<std::string>();
}

WalkStep Visitor::links(std::span<const RootfsPath> names, const Stat& stat, Opener& opener) {
  for (const RootfsPath& name : names) {
    if (entry(name, stat, opener) == WalkStep::kStop) return WalkStep::kStop;
  }
  return WalkStep::kGoOn;
}

namespace {

enum class LastPart { kFollow, kKeep };

Result<RootfsPath> follow(const Tree& tree, std::string_view text, LastPart last) {
  if (text.find('\0') != std::string_view::npos) {
    return Error(ErrorCode::kInvalid, "a path that holds a NUL");
  }
  RootfsPath here;
  std::string rest(text);
  int links = 0;
  for (;;) {
    if (rest.size() + here.text().size() > limits::kMaxPath) {
      return Error(ErrorCode::kLimit, "'" + base::escape(text.substr(0, 200)) + "': path too long");
    }
    rest.erase(0, std::min(rest.find_first_not_of('/'), rest.size()));
    if (rest.empty()) return here;
    const std::string part = rest.substr(0, rest.find('/'));
    rest.erase(0, part.size());  // a slash behind the part stays: it asks for a directory
    if (part == ".") continue;
    if (part == "..") {
      here = here.parent();
      continue;
    }
    RootfsPath child = here / part;
    MERIDIAN_TRY(const Stat stat, tree.stat(child));
    if (stat.type == EntryType::kSymlink && (last == LastPart::kFollow || !rest.empty())) {
      if (++links > limits::kMaxSymlinks) {
        return Error(ErrorCode::kLimit, "'" + base::escape(text) + "': more than " +
                                            std::to_string(limits::kMaxSymlinks) +
                                            " symbolic links");
      }
      MERIDIAN_TRY(const std::string target, tree.readlink(child));
      if (target.empty()) {
        return Error(ErrorCode::kNotFound, "'" + base::escape(child.text()) + "': empty link");
      }
      if (target[0] == '/') here = RootfsPath();
      rest.insert(0, target);
      continue;
    }
    if (stat.type != EntryType::kDirectory && !rest.empty()) {
      return Error(ErrorCode::kNotFound, "'" + base::escape(child.text()) + "': not a directory");
    }
    here = std::move(child);
  }
}

}  // namespace

Result<RootfsPath> resolve(const Tree& tree, std::string_view text) {
  return follow(tree, text, LastPart::kFollow);
}

Result<RootfsPath> resolve_parents(const Tree& tree, std::string_view text) {
  return follow(tree, text, LastPart::kKeep);
}

}  // namespace meridian::rootfs
