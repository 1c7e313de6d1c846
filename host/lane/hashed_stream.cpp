// SPDX-License-Identifier: Apache-2.0
#include "lane/hashed_stream.hpp"

#include <algorithm>
#include <atomic>
#include <string_view>
#include <thread>
#include <utility>

#include "base/read_file.hpp"
#include "base/sha256.hpp"
#include "base/system_error.hpp"

namespace meridian::lane {

namespace {

constexpr std::size_t kPiece = 1 << 20;

Result<std::string> hash_of(const archive::BlobRange& blob, const std::atomic<bool>& stopping) {
  base::Sha256 hash;
  std::string buffer(kPiece, '\0');
  for (std::uint64_t done = 0; done < blob.size;) {
    if (stopping) return Error(ErrorCode::kCancelled, "not hashed to its end");
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, blob.size - done));
    MERIDIAN_TRY(const std::size_t got, base::read_at(blob.file->get(), blob.offset + done,
                                                      buffer.data(), wanted, "blob"));
    if (got == 0) return Error(ErrorCode::kChanged, "cut short while it was read");
    hash.update(std::string_view(buffer).substr(0, got));
    done += got;
  }
  return "sha256:" + base::to_hex(hash.finish());
}

class HashedStream final : public archive::TarStream {
 public:
  HashedStream(std::unique_ptr<archive::TarStream> stream, archive::BlobRange blob, bool is_packed,
               const std::string& name)
      : TarStream(name), stream_(std::move(stream)), blob_(std::move(blob)), packed_(is_packed) {
    thread_ = std::thread([this] { stored_ = hash_of(blob_, stopping_); });
  }
  HashedStream(const HashedStream&) = delete;
  HashedStream& operator=(const HashedStream&) = delete;
  ~HashedStream() override {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  Result<std::size_t> read(void* buffer, std::size_t capacity) override {
    return stream_->read(buffer, capacity);
  }
  Result<archive::StreamDigests> finish() override {
    MERIDIAN_TRY(archive::StreamDigests digests, stream_->finish());
    if (thread_.joinable()) thread_.join();
    MERIDIAN_TRY(digests.stored, named(stored_));
    if (!packed_) digests.decoded = digests.stored;
    if (digests.decoded.empty()) {
      return named(Result<archive::StreamDigests>(
          Error(ErrorCode::kCorrupt, "its reader did not say what it decodes to")));
    }
    return digests;
  }

 private:
  Result<std::optional<archive::TarEntry>> next_entry() override { return stream_->next(); }

  std::unique_ptr<archive::TarStream> stream_;
  const archive::BlobRange blob_;
  const bool packed_;
  std::atomic<bool> stopping_{false};
  Result<std::string> stored_ = std::string();  // the thread's, until it is joined
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<archive::TarStream>> hashed_beside(
    std::unique_ptr<archive::TarStream> stream, const archive::BlobRange& blob,
    const std::string& name) {
  MERIDIAN_TRY(const bool packed, archive::is_packed(blob));
  return base::seam("starting a thread", [&]() -> std::unique_ptr<archive::TarStream> {
    return std::make_unique<HashedStream>(std::move(stream), blob, packed, name);
  });
}

}  // namespace meridian::lane
