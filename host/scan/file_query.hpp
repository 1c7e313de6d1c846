// SPDX-License-Identifier: Apache-2.0
//
// file_query.hpp: which files of a tree a person asks for (`fs find`).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "meridian/result.hpp"
#include "plugin/path_filter.hpp"
#include "rootfs/tree.hpp"

namespace meridian::scan {

/// As typed; empty: anything.
struct FileQueryTexts {
  std::vector<std::string> names;  // globs on the last part of the path; any of them
  std::vector<std::string> paths;  // globs on the whole path; any of them
  std::string types;               // letters of "fdlcbps": file, directory, link, ...
  std::string size;                // "N", "+N" (more than), "-N" (less than); k, M, G are 1024^n
  std::string mode_any;            // octal; any of these bits
};

class FileQuery {
 public:
  /// kInvalid names the text that is wrong.
  static Result<FileQuery> parse(const FileQueryTexts& texts);
  /// A size asks for regular files only: that of anything else says something about the store.
  bool wants(const rootfs::RootfsPath& path, const rootfs::Stat& stat) const;

 private:
  std::vector<plugin::Glob> names_, paths_;
  std::vector<rootfs::EntryType> types_;
  bool by_size_ = false;
  std::uint64_t least_ = 0;
  std::uint64_t most_ = std::numeric_limits<std::uint64_t>::max();
  std::uint32_t mode_any_ = 0;
};

}  // namespace meridian::scan
