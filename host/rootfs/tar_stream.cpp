// SPDX-License-Identifier: Apache-2.0
//
// tar_stream.cpp: range of a file -> hash -> decoder -> hash -> tar reader.
#include "rootfs/tar_stream.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "archive/byte_source.hpp"
#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "base/sha256.hpp"

namespace meridian::rootfs {

class TarStream::Hashed final : public archive::ByteSource {
 public:
  explicit Hashed(std::unique_ptr<archive::ByteSource> source) : source_(std::move(source)) {}
  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    MERIDIAN_TRY(const std::size_t got, source_->read(buffer, capacity));
    hash_.update({static_cast<const char*>(buffer), got});
    return got;
  }
  std::string digest() { return "sha256:" + base::to_hex(hash_.finish()); }

 private:
  std::unique_ptr<archive::ByteSource> source_;
  base::Sha256 hash_;
};

namespace {

Result<bool> is_packed(const BlobRange& blob) {
  std::array<char, 8> first{};
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(first.size(), blob.size));
  MERIDIAN_TRY(const std::size_t got,
               base::read_at(blob.file->get(), blob.offset, first.data(), wanted, "blob"));
  return archive::sniff({first.data(), got}) != archive::Compression::kNone;
}

}  // namespace

TarStream::TarStream(std::unique_ptr<Hashed> source, Hashed* stored, std::string name)
    : name_(std::move(name)), stored_(stored), source_(std::move(source)) {}
TarStream::~TarStream() = default;

Error TarStream::named(Error error) const { return std::move(error).in(base::escape(name_)); }

Result<std::unique_ptr<TarStream>> TarStream::open(const BlobRange& blob, const std::string& name) {
  auto packed = is_packed(blob);
  if (!packed) return std::move(packed).error().in(base::escape(name));
  auto source = archive::file_range(blob.file->get(), blob.offset, blob.size, "blob");
  Hashed* stored = nullptr;
  if (*packed) {
    auto hashed = std::make_unique<Hashed>(std::move(source));
    stored = hashed.get();
    source = std::move(hashed);
  }
  auto decoded = archive::decode(std::move(source));
  if (!decoded) return std::move(decoded).error().in(base::escape(name));
  std::unique_ptr<TarStream> stream(
      new TarStream(std::make_unique<Hashed>(*std::move(decoded)), stored, name));
  stream->file_ = blob.file;
  auto reader = archive::TarReader::create(*stream->source_);
  if (!reader) return stream->named(std::move(reader).error());
  stream->reader_ = *std::move(reader);
  return stream;
}

Result<std::optional<archive::TarEntry>> TarStream::next() {
  auto entry = reader_->next();
  if (!entry) return named(std::move(entry).error());
  if (*entry) {
    if (entries_ >= limits::kMaxEntries) {
      return named(Error(ErrorCode::kLimit,
                         "more than " + std::to_string(limits::kMaxEntries) + " entries"));
    }
    ++entries_;
  }
  return entry;
}

Result<std::size_t> TarStream::read(void* buffer, std::size_t capacity) {
  auto got = reader_->read(buffer, capacity);
  if (!got) return named(std::move(got).error());
  return got;
}

Result<StreamDigests> TarStream::finish() {
  std::vector<char> buffer(64 << 10);
  for (;;) {
    auto got = source_->read(buffer.data(), buffer.size());
    if (!got) return named(std::move(got).error());
    if (*got > 0) continue;
    StreamDigests digests;
    digests.decoded = source_->digest();
    // The decoder's end is that of the stored bytes: it lets nothing follow.
    digests.stored = stored_ != nullptr ? stored_->digest() : digests.decoded;
    return digests;
  }
}

Stat stat_of(const archive::TarEntry& entry) {
  using archive::TarType;
  Stat stat;
  switch (entry.type) {
    case TarType::kDirectory:
      stat.type = EntryType::kDirectory;
      break;
    case TarType::kSymlink:
      stat.type = EntryType::kSymlink;
      break;
    case TarType::kCharDevice:
      stat.type = EntryType::kCharDevice;
      break;
    case TarType::kBlockDevice:
      stat.type = EntryType::kBlockDevice;
      break;
    case TarType::kFifo:
      stat.type = EntryType::kFifo;
      break;
    case TarType::kRegular:
    case TarType::kHardlink:
      break;
  }
  stat.mode = entry.mode;
  stat.uid = entry.uid;
  stat.gid = entry.gid;
  stat.mtime = entry.mtime;
  stat.rdev = entry.rdev;
  stat.size = stat.type == EntryType::kSymlink ? entry.link.size() : entry.size;
  return stat;
}

}  // namespace meridian::rootfs
