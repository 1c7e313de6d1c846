// SPDX-License-Identifier: Apache-2.0
//
// directory_reader.hpp: the names in an open directory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "meridian/result.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

class DirectoryReader {
 public:
  /// `directory` (borrowed) was opened for reading and nothing was read from it yet.
  explicit DirectoryReader(int directory);

  /// The next name but "." and "..", in the file system's order, valid until the next call; nullptr
  /// at the end or after an error, which error() then gives as an errno.
  const char* next();
  int error() const { return error_; }

 private:
  int directory_;
  std::unique_ptr<char[]> buffer_;
  std::size_t filled_ = 0;
  std::size_t at_ = 0;
  int error_ = 0;
};

/// All of it, sorted by bytes. An entry that vanished meanwhile is left out. kLimit past
/// limits::kMaxEntries. `what` names the directory in errors.
Result<std::vector<DirEntry>> list_directory(int directory, std::string_view what);

}  // namespace meridian::rootfs
