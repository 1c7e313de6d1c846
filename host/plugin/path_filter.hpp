// SPDX-License-Identifier: Apache-2.0
//
// path_filter.hpp: does a file filter want this path, mode and size? Compiled once, asked per file.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/loaded_plugin.hpp"
#include "rootfs/tree.hpp"

namespace meridian::plugin {

/// One glob: '*' and '?' stay inside a part, "[a-z]" and "[!a-z]" (never '/'), "**" crosses parts,
/// '\' quotes. "**/" is any number of whole parts, none too; "etc/**" is what lies below etc.
/// Bytes, not characters. A fixed number of steps for each byte of text, whatever the glob.
class Glob {
 public:
  static Result<Glob> parse(std::string_view pattern);  // kInvalid with the place of the mistake
  bool matches(std::string_view path) const {
    return path.size() >= least_ && (prefix_.empty() || path.front() == prefix_.front()) &&
           (suffix_.empty() || path.back() == suffix_.back()) && compare(path);
  }
  /// What every matching text ends in; empty: any byte.
  std::string_view suffix() const { return suffix_; }

 private:
  enum class Kind : std::uint8_t { kByte, kAny, kSet, kStar, kStarStar, kParts, kInParts };
  struct Token {
    Kind kind = Kind::kByte;
    char byte = 0;
    std::uint32_t set = 0;  // index in sets_
  };

  Result<std::size_t> parse_set(std::string_view pattern, std::size_t at);
  void find_literals();
  bool compare(std::string_view path) const;
  bool run(std::string_view path) const;

  std::vector<Token> tokens_;
  std::vector<std::bitset<256>> sets_;
  // Bytes that every matching text has; almost every text of a scan fails on them.
  std::string prefix_, suffix_, inside_;
  std::size_t least_ = 0;   // no shorter text matches
  bool literal_ = false;    // prefix_ and suffix_ are the whole glob
  bool one_star_ = false;   // prefix_, '*', suffix_
  bool all_below_ = false;  // prefix_, "**"
};

class PathFilter {
 public:
  static Result<PathFilter> compile(const FileFilter& filter);
  /// Everything but magic, which needs the first bytes.
  bool wants(std::string_view path, const rootfs::Stat& stat) const {
    return wants(path, last_part(path), stat);
  }
  /// `name` is the last part of `path`.
  bool wants(std::string_view path, std::string_view name, const rootfs::Stat& stat) const {
    return !path.empty() && ends_[static_cast<unsigned char>(path.back())] &&
           looks_wanted(path, name, stat);
  }
  static std::string_view last_part(std::string_view path) {
    const void* const slash = ::memrchr(path.data(), '/', path.size());
    if (slash == nullptr) return path;
    return path.substr(static_cast<std::size_t>(static_cast<const char*>(slash) - path.data()) + 1);
  }

 private:
  bool looks_wanted(std::string_view path, std::string_view name, const rootfs::Stat& stat) const;

  std::bitset<256> ends_;  // last bytes of paths that it may want: most are out by theirs
  std::vector<Glob> paths_, names_, exclude_;
  std::uint32_t mode_any_ = 0;
  std::uint64_t min_size_ = 0, max_size_ = 0;
};

}  // namespace meridian::plugin
