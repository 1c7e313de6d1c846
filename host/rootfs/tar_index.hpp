// SPDX-License-Identifier: Apache-2.0
//
// tar_index.hpp: what a tar's entries amount to: one tree, last wins. No content.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "meridian/result.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

class TarIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Extra {
    std::string link;
    std::map<std::string, std::string> xattrs;
  };
  struct Node {
    Stat stat;
    std::uint32_t id = 0;         // as a parent
    std::uint32_t entry = kNone;  // number of the tar entry that has the content
    std::uint32_t extra = kNone;
  };

  TarIndex();
  /// A directory keeps its children when it is named again. kUnsupported below something that is no
  /// directory; kLimit past limits::kMaxDepth, or when full().
  Result<void> add(const RootfsPath& path, const Stat& stat, std::uint32_t entry, Extra extra);
  /// `path` becomes another name of `target`. kNotFound if there is none, kInvalid if a directory.
  Result<void> add_link(const RootfsPath& path, const RootfsPath& target);

  /// Counts `bytes` of text, also of what a user of the index keeps beside it; kLimit as add().
  Result<void> charge_text(std::size_t bytes);
  /// limits::kMaxEntries, kMaxIndexBytes or kMaxIndexTextBytes was reached: it is not whole.
  bool full() const { return full_; }

  const Node* find(const RootfsPath& path) const;
  const Extra& extra(const Node& node) const;
  std::vector<DirEntry> list(const Node& directory) const;

 private:
  using Key = std::pair<std::uint32_t, std::string>;  // parent, name
  struct Less {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      if (a.first != b.first) return a.first < b.first;
      return std::string_view(a.second) < std::string_view(b.second);
    }
  };
  Result<Node*> place(const RootfsPath& path, bool directory);
  Result<Node*> make(std::uint32_t parent, std::string_view name);
  Result<void> charge_node();
  Error overflow(std::uint64_t limit, const char* what);

  Node root_;
  // Ordered, so that hostile names cannot make it slow, and a directory is a range of it.
  std::map<Key, Node, Less> nodes_;
  std::deque<Extra> extras_;
  std::uint32_t next_id_ = 1;
  std::uint64_t bytes_ = 0;
  std::uint64_t text_bytes_ = 0;
  bool full_ = false;
};

}  // namespace meridian::rootfs
