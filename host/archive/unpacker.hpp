// SPDX-License-Identifier: Apache-2.0
//
// unpacker.hpp: who turns stored bytes into entries and bytes: this process, or (lane/readers.hpp)
// sandboxed ones that see nothing else. Whoever reads archives is given one, and it outlives the
// trees and stores that were. From any thread; what it makes belongs to one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/byte_source.hpp"
#include "archive/member_index.hpp"
#include "archive/tar_reader.hpp"
#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::archive {

/// kTarSplit: the record of a tar, without the bytes of its files (split_tar.hpp).
enum class BlobForm { kTar, kTarSplit };

/// Stored bytes: a range of a file.
struct BlobRange {
  std::shared_ptr<base::UniqueFd> file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  BlobForm form = BlobForm::kTar;
};

/// "sha256:..." of a whole blob. Empty of a kTarSplit, whose bytes are in no layer, and of
/// tar_again().
struct StreamDigests {
  std::string decoded;
  std::string stored;  // compressed as it is; the same where it is not
};

/// One pass over a blob: decoded, hashed, entry by entry.
class TarStream {
 public:
  /// `name` stands for the blob in errors.
  explicit TarStream(const std::string& name);
  TarStream(const TarStream&) = delete;
  TarStream& operator=(const TarStream&) = delete;
  virtual ~TarStream() = default;

  /// As TarReader::next(); kLimit past limits::kMaxEntries.
  Result<std::optional<TarEntry>> next();
  /// As TarReader::read().
  virtual Result<std::size_t> read(void* buffer, std::size_t capacity) = 0;
  /// After the last entry: reads on to the end of the bytes, past the end of the tar.
  virtual Result<StreamDigests> finish() = 0;
  /// Entries that next() gave so far; the current one's number is one less.
  std::uint32_t entries() const { return entries_; }

 protected:
  template <typename T>
  Result<T> named(Result<T> result) const {
    if (!result) return std::move(result).error().in(name_);
    return result;
  }

 private:
  virtual Result<std::optional<TarEntry>> next_entry() = 0;
  std::string name_;  // escaped
  std::uint32_t entries_ = 0;
};

/// `name` stands for the blob in errors.
class Unpacker {
 public:
  Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  virtual ~Unpacker() = default;

  virtual Result<std::unique_ptr<TarStream>> tar(const BlobRange& blob,
                                                 const std::string& name) = 0;
  /// The same once more, for some of its contents: finish() gives empty digests, and bytes that
  /// nobody wants are neither hashed nor, where nothing is compressed, read.
  virtual Result<std::unique_ptr<TarStream>> tar_again(const BlobRange& blob,
                                                       const std::string& name) = 0;
  /// The decoded bytes (byte_source.hpp).
  virtual Result<std::unique_ptr<ByteSource>> decoded(const BlobRange& blob) = 0;
  /// As index_members().
  virtual Result<std::vector<Member>> members(const BlobRange& blob, const std::string& name) = 0;
};

/// Whether the stored bytes begin as compressed ones do.
Result<bool> is_packed(const BlobRange& blob);

/// In this process.
Unpacker& local_unpacker();
/// The same in a reader, whose host hashes what is stored: of StreamDigests it gives `decoded`
/// alone, and none of a blob that is not packed. `progress` rises with each piece that is read, and
/// outlives it.
std::unique_ptr<Unpacker> reader_unpacker(std::atomic<std::uint64_t>& progress);

}  // namespace meridian::archive
