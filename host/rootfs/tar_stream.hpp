// SPDX-License-Identifier: Apache-2.0
//
// tar_stream.hpp: one pass over a layer's blob: decoded, hashed, entry by entry.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "archive/tar_reader.hpp"
#include "rootfs/tar_tree.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// "sha256:..." of a whole blob.
struct StreamDigests {
  std::string decoded;
  std::string stored;  // compressed as it is; the same where it is not
};

class TarStream {
 public:
  /// `name` stands for the blob in errors.
  static Result<std::unique_ptr<TarStream>> open(const BlobRange& blob, const std::string& name);
  ~TarStream();
  TarStream(const TarStream&) = delete;
  TarStream& operator=(const TarStream&) = delete;

  /// As archive::TarReader.
  Result<std::optional<archive::TarEntry>> next();
  Result<std::size_t> read(void* buffer, std::size_t capacity);
  /// Entries that next() gave so far; the current one's number is one less.
  std::uint32_t entries() const { return entries_; }
  /// Reads on to the end of the bytes, past the end of the tar.
  Result<StreamDigests> finish();

 private:
  class Hashed;
  TarStream(std::unique_ptr<Hashed> source, Hashed* stored, std::string name);
  Error named(Error error) const;

  std::string name_;
  std::shared_ptr<base::UniqueFd> file_;
  Hashed* stored_;  // inside source_; null: the bytes are stored as they are
  std::unique_ptr<Hashed> source_;
  std::unique_ptr<archive::TarReader> reader_;
  std::uint32_t entries_ = 0;
};

/// Without type kHardlink, which has none of its own.
Stat stat_of(const archive::TarEntry& entry);

}  // namespace meridian::rootfs
