// SPDX-License-Identifier: Apache-2.0
//
// tar_spool.cpp: one pass that copies, bounded by limits::kMaxSpoolBytes.
#include "rootfs/tar_spool.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "base/read_file.hpp"
#include "rootfs/file_content.hpp"

namespace meridian::rootfs {
namespace {

constexpr std::uint64_t kMaxInMemory = 1 << 20;
constexpr std::size_t kPiece = 128 << 10;

/// Copies the current entry of `stream` to the end of `fd`.
Result<void> copy_entry(TarStream& stream, int fd) {
  std::vector<char> buffer(kPiece);
  for (;;) {
    MERIDIAN_TRY(const std::size_t got, stream.read(buffer.data(), buffer.size()));
    if (got == 0) return {};
    MERIDIAN_CHECK(base::write_all(fd, {buffer.data(), got}));
  }
}

class SpoolContent final : public Content {
 public:
  SpoolContent(std::shared_ptr<base::UniqueFd> file, std::uint64_t offset, std::uint64_t size)
      : file_(std::move(file)), offset_(offset), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    if (offset >= size_) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, size_ - offset));
    return base::read_at(file_->get(), offset_ + offset, buffer, wanted, "spooled content");
  }

 private:
  std::shared_ptr<base::UniqueFd> file_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

}  // namespace

Result<std::shared_ptr<const TarSpool>> TarSpool::fill(TarStream& stream,
                                                       const std::optional<std::string>& digest) {
  auto spool = std::make_shared<TarSpool>();
  MERIDIAN_TRY(base::UniqueFd file, base::make_scratch_file());
  spool->file_ = std::make_shared<base::UniqueFd>(std::move(file));
  for (;;) {
    auto entry = stream.next();
    if (!entry) {
      spool->error_ = std::move(entry).error();
      return std::shared_ptr<const TarSpool>(std::move(spool));
    }
    if (!*entry) break;
    const std::uint64_t size = (*entry)->type == archive::TarType::kRegular ? (*entry)->size : 0;
    if (auto taken = spool->take(stream, size); !taken) {
      spool->error_ = std::move(taken).error();
      return std::shared_ptr<const TarSpool>(std::move(spool));
    }
  }
  auto now = stream.finish();
  if (digest && now && *now != *digest) {
    return Error(ErrorCode::kChanged, "the layer's file changed while it was read");
  }
  return std::shared_ptr<const TarSpool>(std::move(spool));
}

Result<void> TarSpool::take(TarStream& stream, std::uint64_t size) {
  if (size > limits::kMaxSpoolBytes - filled_) {
    return Error(ErrorCode::kLimit, "contents of more than " +
                                        std::to_string(limits::kMaxSpoolBytes) +
                                        " bytes are not kept for look-ups");
  }
  if (size > 0) MERIDIAN_CHECK(copy_entry(stream, file_->get()));
  ranges_.push_back({filled_, size});
  filled_ += size;
  return {};
}

Result<std::unique_ptr<Content>> TarSpool::open(std::uint32_t entry, std::uint64_t size) const {
  if (entry >= ranges_.size()) {
    if (error_) return *error_;
    return Error(ErrorCode::kChanged, "the layer's file changed while it was read");
  }
  const Range& range = ranges_[entry];
  if (range.size != size) {
    return Error(ErrorCode::kChanged, "the layer's file changed while it was read");
  }
  return std::unique_ptr<Content>(std::make_unique<SpoolContent>(file_, range.offset, range.size));
}

Result<std::unique_ptr<Content>> take_content(TarStream& stream, std::uint64_t size,
                                              const std::string& name) {
  // Holes cost nothing in the tar and everything in the scratch directory.
  if (size > limits::kMaxSpoolBytes) {
    return Error(ErrorCode::kLimit, base::escape(name) + ": " + std::to_string(size) +
                                        " bytes; content of more than " +
                                        std::to_string(limits::kMaxSpoolBytes) + " is not kept");
  }
  if (size > kMaxInMemory) {
    MERIDIAN_TRY(base::UniqueFd file, base::make_scratch_file());
    MERIDIAN_CHECK(copy_entry(stream, file.get()));
    return file_content(std::move(file), size, name);
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    MERIDIAN_TRY(const std::size_t got, stream.read(bytes.data() + have, bytes.size() - have));
    if (got == 0) break;
    have += got;
  }
  bytes.resize(have);
  return memory_content(std::move(bytes));
}

}  // namespace meridian::rootfs
