// SPDX-License-Identifier: Apache-2.0
//
// local_unpacker.cpp: range of a file -> hash -> decoder -> hash -> tar reader.
#include <algorithm>
#include <array>
#include <utility>

#include "archive/split_tar.hpp"
#include "archive/unpacker.hpp"
#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "base/sha256.hpp"

namespace meridian::archive {

namespace {

constexpr std::size_t kPiece = 64 << 10;

class Hashed final : public ByteSource {
 public:
  explicit Hashed(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    MERIDIAN_TRY(const std::size_t got, source_->read(buffer, capacity));
    hash_.update({static_cast<const char*>(buffer), got});
    return got;
  }
  std::string digest() { return "sha256:" + base::to_hex(hash_.finish()); }

 private:
  std::unique_ptr<ByteSource> source_;
  base::Sha256 hash_;
};

using Progress = std::atomic<std::uint64_t>;

/// As they are stored. The file must stay open as long as they are read.
class Stored final : public ByteSource {
 public:
  Stored(const BlobRange& blob, Progress* progress)
      : file_(blob.file),
        source_(file_range(blob.file->get(), blob.offset, blob.size, "blob")),
        progress_(progress) {}
  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    if (progress_ != nullptr) progress_->fetch_add(1, std::memory_order_relaxed);
    return source_->read(buffer, capacity);
  }
  Result<std::uint64_t> skip(std::uint64_t count) override {
    if (progress_ != nullptr) progress_->fetch_add(1, std::memory_order_relaxed);
    return source_->skip(count);
  }

 private:
  std::shared_ptr<base::UniqueFd> file_;
  std::unique_ptr<ByteSource> source_;
  Progress* progress_;
};

/// What of a tar is hashed here.
enum class Digests { kBoth, kDecodedOfPacked, kNone };

class LocalTarStream final : public TarStream {
 public:
  using TarStream::TarStream;
  Result<void> open(const BlobRange& blob, Digests digests, Progress* progress);
  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    return named(reader_->read(buffer, capacity));
  }
  Result<StreamDigests> finish() override { return named(finish_bytes()); }

 private:
  Result<std::optional<TarEntry>> next_entry() override { return named(reader_->next()); }
  Result<std::unique_ptr<ByteSource>> open_hashed(const BlobRange& blob, Digests digests,
                                                  Progress* progress);
  Result<StreamDigests> finish_bytes();

  bool both_ = false;
  Hashed* stored_ = nullptr;   // inside source_; null: the bytes are stored as they are
  Hashed* decoded_ = nullptr;  // source_ itself; null: there is nothing to hash
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<TarReader> reader_;
};

Result<void> LocalTarStream::open(const BlobRange& blob, Digests digests, Progress* progress) {
  if (blob.form == BlobForm::kTarSplit) {
    source_ = tar_of_split(std::make_unique<Stored>(blob, progress));
  } else if (digests != Digests::kNone) {
    MERIDIAN_TRY(source_, named(open_hashed(blob, digests, progress)));
  } else {
    MERIDIAN_TRY(source_, named(decode(std::make_unique<Stored>(blob, progress))));
  }
  MERIDIAN_TRY(reader_, named(TarReader::create(*source_)));
  return {};
}

Result<std::unique_ptr<ByteSource>> LocalTarStream::open_hashed(const BlobRange& blob,
                                                                Digests digests,
                                                                Progress* progress) {
  MERIDIAN_TRY(const bool packed, is_packed(blob));
  std::unique_ptr<ByteSource> source = std::make_unique<Stored>(blob, progress);
  both_ = digests == Digests::kBoth;
  if (packed && both_) {
    auto hashed = std::make_unique<Hashed>(std::move(source));
    stored_ = hashed.get();
    source = std::move(hashed);
  }
  MERIDIAN_TRY(auto decoded, decode(std::move(source)));
  if (!packed && !both_) return decoded;
  auto hashed = std::make_unique<Hashed>(std::move(decoded));
  decoded_ = hashed.get();
  return std::unique_ptr<ByteSource>(std::move(hashed));
}

Result<StreamDigests> LocalTarStream::finish_bytes() {
  std::vector<char> buffer(kPiece);
  for (;;) {
    MERIDIAN_TRY(const std::size_t got, source_->read(buffer.data(), buffer.size()));
    if (got > 0) continue;
    StreamDigests digests;
    if (decoded_ != nullptr) digests.decoded = decoded_->digest();
    // The decoder's end is that of the stored bytes: it lets nothing follow.
    digests.stored = stored_ != nullptr ? stored_->digest() : both_ ? digests.decoded : "";
    return digests;
  }
}

class LocalUnpacker final : public Unpacker {
 public:
  LocalUnpacker(Digests digests, Progress* progress) : digests_(digests), progress_(progress) {}
  Result<std::unique_ptr<TarStream>> tar(const BlobRange& blob, const std::string& name) override {
    return open(blob, name, digests_);
  }
  Result<std::unique_ptr<TarStream>> tar_again(const BlobRange& blob,
                                               const std::string& name) override {
    return open(blob, name, Digests::kNone);
  }
  Result<std::unique_ptr<ByteSource>> decoded(const BlobRange& blob) override {
    return decode(std::make_unique<Stored>(blob, progress_));
  }
  Result<std::vector<Member>> members(const BlobRange& blob, const std::string& name) override {
    return index_members(blob.file->get(), blob.size, name, progress_);
  }

 private:
  Result<std::unique_ptr<TarStream>> open(const BlobRange& blob, const std::string& name,
                                          Digests digests) {
    auto stream = std::make_unique<LocalTarStream>(name);
    MERIDIAN_CHECK(stream->open(blob, digests, progress_));
    return std::unique_ptr<TarStream>(std::move(stream));
  }

  Digests digests_;
  Progress* progress_;
};

}  // namespace

Result<bool> is_packed(const BlobRange& blob) {
  std::array<char, 8> first{};
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(first.size(), blob.size));
  MERIDIAN_TRY(const std::size_t got,
               base::read_at(blob.file->get(), blob.offset, first.data(), wanted, "blob"));
  return sniff({first.data(), got}) != Compression::kNone;
}

TarStream::TarStream(const std::string& name) : name_(base::escape(name)) {}

Result<std::optional<TarEntry>> TarStream::next() {
  MERIDIAN_TRY(auto entry, next_entry());
  if (!entry) return entry;
  if (entries_ >= limits::kMaxEntries) {
    return Error(ErrorCode::kLimit,
                 name_ + ": more than " + std::to_string(limits::kMaxEntries) + " entries");
  }
  ++entries_;
  return entry;
}

Unpacker& local_unpacker() {
  static LocalUnpacker unpacker(Digests::kBoth, nullptr);
  return unpacker;
}

std::unique_ptr<Unpacker> reader_unpacker(Progress& progress) {
  return std::make_unique<LocalUnpacker>(Digests::kDecodedOfPacked, &progress);
}

}  // namespace meridian::archive
