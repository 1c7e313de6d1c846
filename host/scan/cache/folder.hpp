// SPDX-License-Identifier: Apache-2.0
//
// folder.hpp: the folder of a cache: whose it may be, its key, its lock.
//
// Whoever can write there can hide findings, so nobody else may; made here it has mode 0700, its
// files 0600.
#pragma once

#include <string>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::scan {

class CacheFolder {
 public:
  /// Makes the folder, and those above it, if it is not there. kRefused with what is wrong and the
  /// mend: others own it or may write to it, or to a file of it.
  static Result<CacheFolder> open(const std::string& path);

  /// Without symbolic links.
  const std::string& path() const { return path_; }
  int fd() const { return folder_.get(); }
  /// Alone in what few processes do at a time: making files, setting a broken one aside. Held until
  /// the descriptor is closed; kUnreadable if somebody else has it for seconds.
  Result<base::UniqueFd> lock() const;
  /// The key of the cache, made at first: Seal::kKeyBytes random bytes. Under the lock.
  Result<std::string> key() const;
  /// Makes sure that `name` is a file of ours, empty if it was not there. Under the lock.
  Result<void> prepare(const std::string& name) const;

 private:
  CacheFolder(base::UniqueFd folder, std::string path)
      : folder_(std::move(folder)), path_(std::move(path)) {}
  base::UniqueFd folder_;
  std::string path_;
};

}  // namespace meridian::scan
